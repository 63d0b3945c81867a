//! A single-threaded load generator for chat servers: members, some of them senders, in a closed loop or at a fixed rate.
//! It checks while it measures: every member must receive every message, whole, once and in one order for all.

mod args;
mod arrival;
mod backlog;
mod course;
mod cursor;
mod fault;
mod format;
mod formats;
mod histogram;
mod joining;
mod knock;
mod load;
mod log;
mod member;
mod pace;
mod probe;
mod publisher;
mod report;
mod room;
mod secure;
mod sender;
mod text;
mod wire;

use std::process::ExitCode;

use args::Args;

fn main() -> ExitCode {
    let args = match Args::parse(std::env::args().skip(1)) {
        Ok(Some(args)) => args,
        Ok(None) => {
            print!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Err(message) => {
            eprintln!("rustchat-bench: {message} (see --help)");
            return ExitCode::from(2);
        }
    };
    if let Some(count) = args.knock {
        return knock(&args, count);
    }
    match load::run(&args) {
        Ok(report) => {
            println!("{}", report.to_json());
            if report.is_faultless() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("rustchat-bench: {error}");
            ExitCode::from(2)
        }
    }
}

fn knock(args: &Args, count: usize) -> ExitCode {
    let knocks =
        args.keys.as_ref().map_or(Err("nobody is to prove anything".into()), |keys| knock::run(args, keys, count));
    match knocks.map(|knocks| serde_json::to_string(&knocks).unwrap_or_default()) {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("rustchat-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
