//! What clients may run: the list, and nothing beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::template::{Line, Refused, Template};
use super::wire::{Refusal, Run};
use crate::{Error, Result, Status};

/// Where programs that a command starts by name are looked for, unless said otherwise.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The commands of a server by name, and what they find when they run.
///
/// ```
/// use rustchat::command::{Catalogue, Slot, Template};
///
/// let catalogue = Catalogue::new()
///     .command("uptime", Template::new("/usr/bin/uptime"))
///     .command("log", Template::new("/usr/bin/tail").arg("-n").slot(Slot::int(1, 1000)).arg("/var/log/app.log"));
/// ```
#[derive(Debug, Clone)]
pub struct Catalogue {
    commands: BTreeMap<String, Template>,
    shell: Option<PathBuf>,
    environment: BTreeMap<String, String>,
    settable: BTreeSet<String>,
}

impl Default for Catalogue {
    fn default() -> Catalogue {
        Catalogue::new()
    }
}

impl Catalogue {
    /// No commands. They will find a `PATH` of the system's folders and no other variable: nothing of the server's own
    /// environment, in which there may be secrets.
    pub fn new() -> Catalogue {
        let environment = BTreeMap::from([("PATH".to_owned(), PATH.to_owned())]);
        Catalogue { commands: BTreeMap::new(), shell: None, environment, settable: BTreeSet::new() }
    }

    /// Clients may run that, by this name.
    pub fn command(mut self, name: impl Into<String>, template: Template) -> Catalogue {
        self.commands.insert(name.into(), template);
        self
    }

    /// Clients that ask for it by name may have any program text run by the shell at that absolute path, such as `/bin/sh`:
    /// whoever holds a secret may then do all that this user can.
    pub fn shell(mut self, shell: impl Into<PathBuf>) -> Catalogue {
        self.shell = Some(shell.into());
        self
    }

    /// A variable that commands find.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Catalogue {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Clients may set this variable, to whatever they like. Not one that has programs load or run something.
    pub fn settable(mut self, name: impl Into<String>) -> Catalogue {
        self.settable.insert(name.into());
        self
    }

    pub(super) fn check(&self) -> Result<()> {
        let wrong = |what: String| Err(Error::new(Status::InvalidArgument, what));
        self.commands.iter().try_for_each(|(name, template)| template.check(name))?;
        if self.commands.is_empty() && self.shell.is_none() {
            return wrong("there is no command that clients may run".into());
        }
        if let Some(shell) = self.shell.as_ref().filter(|shell| !shell.is_absolute()) {
            return wrong(format!("the shell {} is no absolute path", shell.display()));
        }
        let is_wrong = |name: &str| name.is_empty() || name.contains(['=', '\0']);
        if let Some(name) = self.environment.keys().chain(&self.settable).find(|name| is_wrong(name)) {
            return wrong(format!("{name:?} is no name of a variable"));
        }
        match self.environment.iter().find(|(_, value)| value.contains('\0')) {
            Some((name, _)) => wrong(format!("the variable {name} holds a zero byte")),
            None => Ok(()),
        }
    }

    /// The command line that is asked for, if that is allowed.
    pub(super) fn line(&self, run: &Run<'_>, key_id: &str) -> Result<Line, Refused> {
        if run.flags.shell {
            return self.shell_line(run);
        }
        let unknown = || (Refusal::UnknownCommand, Refusal::UnknownCommand.to_string());
        let name = str::from_utf8(run.name).map_err(|_| unknown())?;
        let template = self.commands.get(name).ok_or_else(unknown)?;
        if !template.is_for(key_id) {
            return Err((Refusal::NotPermitted, format!("{name} is {}", Refusal::NotPermitted)));
        }
        if run.flags.stdin && !template.takes_input() {
            return Err((Refusal::Stdin, format!("{name} {}", Refusal::Stdin)));
        }
        template.fill(name, &run.args)
    }

    fn shell_line(&self, run: &Run<'_>) -> Result<Line, Refused> {
        let Some(shell) = &self.shell else { return Err((Refusal::Shell, Refusal::Shell.to_string())) };
        let words = [run.name].into_iter().chain(run.args.iter().copied());
        let mut line = Line::new(shell, None);
        line.push(b"-c".to_vec(), false);
        for (index, word) in words.enumerate() {
            if word.contains(&0) {
                return Err((Refusal::Nul, format!("argument {index} holds a zero byte")));
            }
            line.push(word.to_vec(), false);
            if index == 0 {
                // What `$0` is; then come `$1` and so on.
                line.push(b"sh".to_vec(), false);
            }
        }
        Ok(line)
    }

    /// `NAME=value` for each variable of a command that a client has set these for.
    pub(super) fn environment(&self, set: &[(&[u8], &[u8])]) -> Result<Vec<Vec<u8>>, Refused> {
        let mut variables: BTreeMap<&[u8], &[u8]> =
            self.environment.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        for (index, (name, value)) in (1..).zip(set) {
            if !str::from_utf8(name).is_ok_and(|name| self.settable.contains(name)) {
                return Err((Refusal::Environment, format!("variable {index} may not be set")));
            }
            if value.contains(&0) {
                return Err((Refusal::Nul, format!("variable {index} holds a zero byte")));
            }
            variables.insert(name, value);
        }
        Ok(variables.into_iter().map(|(name, value)| [name, b"=", value].concat()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Slot;
    use crate::command::wire::Flags;

    fn catalogue() -> Catalogue {
        let get = Slot::choice(["pods", "nodes"]);
        Catalogue::new()
            .command("log", Template::new("/usr/bin/tail").arg("-n").slot(Slot::int(1, 1000)).arg("/var/log/app.log"))
            .command("get", Template::new("/usr/bin/kubectl").arg("get").slot(get).rest(Slot::word(8), 2))
            .command("cut", Template::new("/usr/bin/cut").option("--fields=", Slot::int(1, 9)).without_input())
            .command("admin", Template::new("/sbin/reboot").keys(["root"]))
            .settable("LANG")
            .variable("TZ", "UTC")
    }

    fn line(name: &str, args: &[&str]) -> Result<String, (Refusal, String)> {
        let args: Vec<_> = args.iter().map(|arg| arg.as_bytes()).collect();
        let run = Run { name: name.as_bytes(), args, ..Run::default() };
        let line = catalogue().line(&run, "somebody")?;
        Ok(line.argv.iter().map(|arg| str::from_utf8(arg).unwrap()).collect::<Vec<_>>().join(" "))
    }

    fn refusal(name: &str, args: &[&str]) -> Refusal {
        line(name, args).unwrap_err().0
    }

    #[test]
    fn values_go_into_their_places() {
        assert_eq!(line("log", &["20"]).unwrap(), "/usr/bin/tail -n 20 /var/log/app.log");
        assert_eq!(line("get", &["pods"]).unwrap(), "/usr/bin/kubectl get pods");
        assert_eq!(line("get", &["pods", "a", "b"]).unwrap(), "/usr/bin/kubectl get pods a b");
        assert_eq!(line("cut", &["3"]).unwrap(), "/usr/bin/cut --fields=3");
    }

    #[test]
    fn what_is_not_on_the_list_is_refused_by_rule() {
        assert_eq!(refusal("kubectl get x; rm", &[]), Refusal::UnknownCommand);
        for name in ["LOG", "log ", " log", "log\n", "lоg", "/usr/bin/tail", "", "tail"] {
            assert_eq!(refusal(name, &["20"]), Refusal::UnknownCommand, "{name:?}");
        }
        assert_eq!(refusal("log", &[]), Refusal::ArgumentCount);
        assert_eq!(refusal("log", &["20", "/etc/passwd"]), Refusal::ArgumentCount);
        assert_eq!(refusal("get", &["pods", "a", "b", "c"]), Refusal::ArgumentCount);
        for value in ["20; rm", "20\n", "$(id)", "-5", "--opt=v", "Pods", "póds"] {
            assert_eq!(refusal("log", &[value]), Refusal::ArgumentPattern, "{value:?}");
        }
        for value in ["x;rm", "x\n", "$(id)", "-5", "--opt=v", "pоds"] {
            assert_eq!(refusal("get", &["pods", value]), Refusal::ArgumentPattern, "{value:?}");
        }
        assert_eq!(refusal("get", &["Pods"]), Refusal::ArgumentPattern);
        assert_eq!(refusal("get", &["pods", "a\0b"]), Refusal::Nul);
        assert_eq!(refusal("get", &["pods", &"x".repeat(1 << 20)]), Refusal::ArgumentTooLong);
        assert_eq!(refusal("admin", &[]), Refusal::NotPermitted);
        let text = line("get", &["pods", "a", "$(id)"]).unwrap_err().1;
        assert_eq!(text, "argument 3 is not a word of at most 8 bytes");
    }

    #[test]
    fn a_shell_is_there_if_both_ask_for_it() {
        let run = Run {
            name: b"echo $1",
            args: vec![b"x"],
            flags: Flags { shell: true, ..Flags::default() },
            ..Run::default()
        };
        assert_eq!(catalogue().line(&run, "").unwrap_err().0, Refusal::Shell);
        let with = catalogue().shell("/bin/sh");
        let words: [&[u8]; 5] = [b"/bin/sh", b"-c", b"echo $1", b"sh", b"x"];
        assert_eq!(with.line(&run, "").unwrap().argv, words);
        let by_name = Run { flags: Flags::default(), ..run };
        assert_eq!(with.line(&by_name, "").unwrap_err().0, Refusal::UnknownCommand);
    }

    #[test]
    fn only_variables_that_may_be_set_are() {
        let set = |name: &'static str, value: &'static str| {
            let variables = catalogue().environment(&[(name.as_bytes(), value.as_bytes())]);
            variables.map(|all| all.into_iter().map(|text| String::from_utf8(text).unwrap()).collect::<Vec<_>>())
        };
        assert_eq!(set("LANG", "C").unwrap(), ["LANG=C", &format!("PATH={PATH}"), "TZ=UTC"]);
        for name in ["LD_PRELOAD", "PATH", "TZ", "lang", "LANG=", ""] {
            assert_eq!(set(name, "x").unwrap_err().0, Refusal::Environment, "{name}");
        }
        assert_eq!(set("LANG", "a\0b").unwrap_err().0, Refusal::Nul);
    }

    #[test]
    fn a_list_that_cannot_work_is_refused_at_the_start() {
        let wrong = |catalogue: Catalogue| catalogue.check().unwrap_err().message().to_owned();
        assert_eq!(wrong(Catalogue::new()), "there is no command that clients may run");
        let relative = Catalogue::new().command("x", Template::new("x"));
        assert_eq!(wrong(relative), "command \"x\": x is no absolute path");
        assert_eq!(wrong(catalogue().shell("sh")), "the shell sh is no absolute path");
        assert_eq!(wrong(catalogue().settable("A=B")), "\"A=B\" is no name of a variable");
        assert!(wrong(catalogue().command("y", Template::new("/y").arg("\0"))).contains("zero byte"));
    }
}
