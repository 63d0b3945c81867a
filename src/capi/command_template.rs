//! What clients of a command server may run, and what commands find in their environment.

use std::ffi::{OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use super::bytes::{array, string, string_bytes, texts};
use super::options;
use crate::command::{Slot, Template};
use crate::{Error, Result, Status};

/// What a free place of a command line takes: as a whole or not at all, byte for byte. What begins with "-" is refused but for
/// an integer, and a choice that was spelled out.
#[repr(i32)]
#[allow(dead_code, reason = "the conversion has the numbers")]
pub enum rustchat_command_slot {
    /// None: the word stands as it is.
    RUSTCHAT_SLOT_NONE = 0,
    /// A decimal integer from min to max, in its only form.
    RUSTCHAT_SLOT_INT = 1,
    /// One of the choices.
    RUSTCHAT_SLOT_CHOICE = 2,
    /// A word of ASCII letters, digits and _ . : @ + , = % - of at most max bytes (0 is 64): no path, neither "." nor "..".
    RUSTCHAT_SLOT_WORD = 3,
    /// One to max characters (0 is 64) of a set.
    RUSTCHAT_SLOT_CHARACTERS = 4,
    /// Any text of one line, at most max bytes (0 is 1024) of UTF-8 without control characters.
    RUSTCHAT_SLOT_TEXT = 5,
}

/// A word of a command line: a fixed one, or a place for a value of the client's. Made by RUSTCHAT_COMMAND_LITERAL,
/// RUSTCHAT_COMMAND_INT and their like. This structure never grows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_command_word {
    /// The word, or the fixed text in front of the value, such as "--lines="; NULL is "".
    pub text: *const c_char,
    /// What the client gives, a rustchat_command_slot; 0 is nothing.
    pub slot: i32,
    /// Not 0: the log shows *** for it.
    pub secret: i32,
    /// The smallest integer.
    pub min: i64,
    /// The largest one, or the greatest length.
    pub max: i64,
    /// The set, UTF-8, spelled as in "a-z0-9_".
    pub characters: *const c_char,
    /// What may be chosen, UTF-8.
    pub choices: *const *const c_char,
    /// How many there are.
    pub choice_count: usize,
    /// 0.
    pub reserved: [u64; 2],
}

/// A command that clients may run. Begin with RUSTCHAT_COMMAND_TEMPLATE_INIT. Several of them lie one behind the other.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_command_template {
    /// sizeof(rustchat_command_template).
    pub struct_size: usize,
    /// What clients call it, UTF-8; must not be NULL.
    pub name: *const c_char,
    /// The absolute path of its program, which is never searched for elsewhere; must not be NULL.
    pub program: *const c_char,
    /// The words behind the program, in their order.
    pub words: *const rustchat_command_word,
    /// How many there are.
    pub word_count: usize,
    /// What further words of the client's at the end have to be, a place without text in front; NULL is none.
    pub rest: *const rustchat_command_word,
    /// How many further words there may be.
    pub rest_limit: usize,
    /// The absolute path of where it runs; NULL is the server's own place.
    pub directory: *const c_char,
    /// Ids of keys: only who has proved one of them may run it.
    pub key_ids: *const *const c_char,
    /// How many there are; 0 is everybody who has proved a key.
    pub key_id_count: usize,
    /// Not 0: clients may send it no input.
    pub without_input: i32,
    /// 0.
    pub reserved_input: i32,
    /// 0.
    pub reserved: [u64; 5],
}

/// A variable of an environment. This structure never grows.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct rustchat_command_variable {
    /// Its name; must not be NULL.
    pub name: *const c_char,
    /// Its value; must not be NULL.
    pub value: *const c_char,
}

impl rustchat_command_word {
    /// What the client gives; `None` if nothing.
    ///
    /// # Safety
    /// The pointers are what the header asks for.
    unsafe fn slot(&self) -> Result<Option<Slot>> {
        if self.reserved != [0; 2] {
            return Err(wrong("a reserved field of a word is not 0"));
        }
        let slot = match self.slot {
            0 => return Ok(None),
            1 => Slot::int(self.min, self.max),
            2 => {
                // SAFETY: as promised by the caller.
                let choices = unsafe { texts("choices", self.choices, self.choice_count) }?;
                Slot::choice(choices)
            }
            3 => Slot::word(self.longest(64)?),
            4 => {
                // SAFETY: as promised by the caller.
                let set = unsafe { string("characters", self.characters) }?;
                Slot::characters(set.ok_or_else(|| wrong("characters is NULL"))?, self.longest(64)?)
            }
            5 => Slot::text(self.longest(1024)?),
            slot => return Err(wrong(format!("slot is {slot}, expected 0 to 5"))),
        };
        Ok(Some(if self.secret == 0 { slot } else { slot.secret() }))
    }

    fn longest(&self, default: usize) -> Result<usize> {
        match usize::try_from(self.max) {
            Ok(0) => Ok(default),
            Ok(max) => Ok(max),
            Err(_) => Err(wrong(format!("max is {}, expected 0 (the default) or more", self.max))),
        }
    }

    /// Puts the word behind those that a template has.
    ///
    /// # Safety
    /// The pointers are what the header asks for.
    unsafe fn append(&self, to: Template) -> Result<Template> {
        // SAFETY: as promised by the caller.
        let (text, slot) = unsafe { (string_bytes(self.text).unwrap_or_default(), self.slot()?) };
        Ok(match slot {
            None => to.arg(text),
            Some(slot) => to.option(text, slot),
        })
    }
}

impl rustchat_command_template {
    /// # Safety
    /// The pointers are what the header asks for.
    unsafe fn convert(&self) -> Result<(String, Template)> {
        // SAFETY: as promised by the caller.
        let name = unsafe { string("name", self.name) }?.ok_or_else(|| wrong("the name of a command is NULL"))?;
        // SAFETY: as promised by the caller.
        let template = unsafe { self.template() };
        Ok((name.to_owned(), template.map_err(|error| error.context(format_args!("command {name:?}")))?))
    }

    /// # Safety
    /// As for `convert`.
    unsafe fn template(&self) -> Result<Template> {
        // SAFETY: as promised by the caller.
        let (program, words, rest, key_ids) = unsafe {
            (
                path(self.program),
                array("words", self.words, self.word_count)?,
                self.rest.as_ref(),
                texts("key_ids", self.key_ids, self.key_id_count)?,
            )
        };
        let mut template = Template::new(program.ok_or_else(|| wrong("program is NULL"))?);
        for word in words {
            // SAFETY: as promised by the caller.
            template = unsafe { word.append(template) }?;
        }
        if let Some(word) = rest {
            // SAFETY: as promised by the caller.
            let slot = unsafe { word.slot() }?.filter(|_| word.text.is_null());
            template = template.rest(slot.ok_or_else(|| wrong("rest is no place without text"))?, self.rest_limit);
        }
        // SAFETY: as promised by the caller.
        if let Some(directory) = unsafe { path(self.directory) } {
            template = template.directory(directory);
        }
        if !key_ids.is_empty() {
            template = template.keys(key_ids);
        }
        Ok(if self.without_input == 0 { template } else { template.without_input() })
    }
}

/// A path of this machine; `None` for NULL.
///
/// # Safety
/// As for [`string`].
pub(super) unsafe fn path(text: *const c_char) -> Option<PathBuf> {
    // SAFETY: as promised by the caller.
    unsafe { string_bytes(text) }.map(|bytes| OsStr::from_bytes(bytes).into())
}

/// All commands of an array.
///
/// # Safety
/// `first` is NULL or begins `count` templates, and all pointers are what the header asks for.
pub(super) unsafe fn templates(
    first: *const rustchat_command_template,
    count: usize,
) -> Result<Vec<(String, Template)>> {
    // SAFETY: as promised by the caller.
    let templates = unsafe { options::read_all("commands", first, count) }?;
    // SAFETY: as promised by the caller.
    templates.iter().map(|template| unsafe { template.convert() }).collect()
}

/// All variables of an array: names and values.
///
/// # Safety
/// `first` is NULL or begins `count` variables, and all pointers are what the header asks for.
pub(super) unsafe fn variables<'a>(
    what: &str,
    first: *const rustchat_command_variable,
    count: usize,
) -> Result<Vec<(&'a [u8], &'a [u8])>> {
    // SAFETY: as promised by the caller.
    let variables = unsafe { array(what, first, count) }?;
    let pair = |variable: &rustchat_command_variable| {
        // SAFETY: as promised by the caller.
        match unsafe { (string_bytes(variable.name), string_bytes(variable.value)) } {
            (Some(name), Some(value)) => Ok((name, value)),
            _ => Err(wrong(format!("{what}: a name or a value is NULL"))),
        }
    };
    variables.iter().map(pair).collect()
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Status::InvalidArgument, message)
}
