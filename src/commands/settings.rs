//! `kunci config ...`: looking at the settings.

use super::Failure;
use crate::cli::ConfigCommand;
use crate::config::Config;

pub(super) fn run(config: &Config, command: ConfigCommand) -> Result<(), Failure> {
    match command {
        // That there is a checked configuration is all that was asked.
        ConfigCommand::Check => println!("the settings are fine"),
        ConfigCommand::Show => config.show().iter().for_each(|shown| println!("{shown}")),
    }
    Ok(())
}
