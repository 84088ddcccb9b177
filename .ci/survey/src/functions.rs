//! Functions that are too long or nest too deep, and files that are too long.

use crate::source::{File, Tree, block};

const LINES: usize = 100;
const NESTING: usize = 6;
const FILE_LINES: usize = 800;

/// A function: its name, its line, and its text from `fn` to the end.
struct Function<'a> {
    name: &'a str,
    line: usize,
    text: &'a str,
}

fn functions(file: &File) -> Vec<Function<'_>> {
    let code = &file.code;
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = code[from..].find("fn ").map(|at| at + from) {
        from = at + 3;
        if code[..at]
            .chars()
            .next_back()
            .is_some_and(|before| before.is_alphanumeric() || before == '_')
        {
            continue;
        }
        let rest = &code[at..];
        let name = rest[3..]
            .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .next()
            .unwrap_or("");
        let stop = rest.find(['{', ';']).unwrap_or(rest.len());
        if !name.is_empty() && rest[stop..].starts_with('{') {
            let text = &rest[..stop + block(&rest[stop..])];
            let line = code[..at].matches('\n').count() + 1;
            found.push(Function { name, line, text });
        }
    }
    found
}

fn told(tree: &Tree, most: usize, count: impl Fn(&Function<'_>) -> usize) -> Vec<String> {
    let mut found = Vec::new();
    for file in tree.files.values() {
        for function in functions(file) {
            let count = count(&function);
            if count > most {
                found.push(format!(
                    "{}:{} {} has {count}",
                    file.path.display(),
                    function.line,
                    function.name
                ));
            }
        }
    }
    found
}

pub fn long(tree: &Tree) -> Vec<String> {
    told(tree, LINES, |function| function.text.lines().count())
}

pub fn deep(tree: &Tree) -> Vec<String> {
    told(tree, NESTING, |function| nesting(function.text))
}

pub fn files(tree: &Tree) -> Vec<String> {
    let long = tree
        .files
        .values()
        .filter(|file| file.code.lines().count() > FILE_LINES);
    long.map(|file| format!("{} has {}", file.path.display(), file.code.lines().count()))
        .collect()
}

/// The most blocks that stand in each other within a function; braces of values are none.
fn nesting(text: &str) -> usize {
    let (mut depth, mut most) = (0_usize, 0);
    let mut open: Vec<bool> = Vec::new();
    let mut before = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' => {
                let head = text[before..at].trim_end();
                let control = head
                    .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
                    .any(|word| {
                        matches!(
                            word,
                            "if" | "else" | "match" | "for" | "while" | "loop" | "fn" | "move"
                        )
                    });
                let is_block = control
                    || head.ends_with('|')
                    || head.ends_with("=>")
                    || head.ends_with('=')
                    || head.is_empty();
                open.push(is_block);
                depth += usize::from(is_block);
                most = most.max(depth);
                before = at + 1;
            }
            '}' => {
                depth -= usize::from(open.pop().unwrap_or(false));
                before = at + 1;
            }
            ';' | ',' => before = at + 1,
            _ => {}
        }
    }
    // The function's own block is none of its nesting.
    most.saturating_sub(1)
}
