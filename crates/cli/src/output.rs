//! What a command says: a result on standard output, an error on standard error, as JSON or as
//! lines for a person.

use std::io::Write as _;
use std::process::ExitCode;

use counterfoil_commands::CommandError;
use counterfoil_commands::terminal::{json_line, plain};
use serde_json::Value;

/// Says the error and gives its status.
pub(crate) fn failed(error: &CommandError, wants_json: bool) -> ExitCode {
    let text = if wants_json { json_line(&error.to_json()) } else { plain(&error.message()) };
    let _ = writeln!(std::io::stderr(), "{text}");
    ExitCode::from(error.exit.status())
}

/// Writes to standard output. Whoever closes a pipe has heard enough.
pub(crate) fn say(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A value as lines for a person: a name, and its content indented below.
pub(crate) fn readable(value: &Value) -> String {
    let mut lines = Vec::new();
    write_lines(&mut lines, value, "");
    lines.join("\n")
}

fn write_lines(lines: &mut Vec<String>, value: &Value, pad: &str) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::Null => {}
                    Value::Object(_) | Value::Array(_) => {
                        lines.push(format!("{pad}{name}:"));
                        write_lines(lines, value, &format!("{pad}  "));
                    }
                    Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                        lines.push(format!("{pad}{name}: {}", one_line(value)));
                    }
                }
            }
        }
        Value::Array(rows) => {
            for row in rows {
                write_lines(lines, row, pad);
                lines.push(String::new());
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            lines.push(format!("{pad}{}", one_line(value)));
        }
    }
}

/// A value that holds ends of lines is still one.
fn one_line(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.replace('\n', "\u{fffd}")
}
