//! The command line: parse, call, print.

#[macro_use]
mod say;

mod device;
mod evaluate;
mod failure;
mod files;
mod inspect;
mod metrics;
mod simulate;
mod tokenize;
mod train;
mod translate;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Translate between single-cell and spatial transcriptomics on your own machine, and measure neighbourhoods.
///
/// Exit codes: 0 done; 1 the result could not be written; 2 wrong usage; 3 the input cannot be used; 130 cancelled.
#[derive(Parser)]
#[command(name = "resitu", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Inspect(inspect::Inspect),
    Simulate(simulate::Simulate),
    Tokenize(tokenize::Tokenize),
    // Boxed: its options take more room than all the others.
    Metrics(Box<metrics::Metrics>),
    Pretrain(train::Pretrain),
    Finetune(train::Finetune),
    Evaluate(evaluate::Evaluate),
    Quantize(evaluate::Quantize),
    Translate(translate::Translate),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Inspect(command) => command.run(),
        Command::Simulate(command) => command.run(),
        Command::Tokenize(command) => command.run(),
        Command::Metrics(command) => command.run(),
        Command::Pretrain(command) => command.run(),
        Command::Finetune(command) => command.run(),
        Command::Evaluate(command) => command.run(),
        Command::Quantize(command) => command.run(),
        Command::Translate(command) => command.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
