//! Writes the chosen mutants of a file into its text, each beside the original behind the question whether it is on.

use std::fmt::Write as _;
use std::ops::Range;

use crate::candidates::{Form, Mutant};

/// A file with its mutants, and which bytes of it belong to which of them.
pub struct Rendered {
    pub text: String,
    /// The mutated code of each mutant, by id.
    pub mutated: Vec<(usize, Range<usize>)>,
    /// The whole of each choice, with the ids of its mutants.
    pub choices: Vec<(Vec<usize>, Range<usize>)>,
}

/// A place of the text with the mutants that stand there.
struct Node<'m> {
    range: Range<usize>,
    mutants: Vec<(usize, &'m Form)>,
}

/// Renders one file with the mutants that lie in it, each with its id.
pub fn render(text: &str, mutants: &[(usize, &Mutant)]) -> Rendered {
    let mut nodes: Vec<Node<'_>> = Vec::new();
    for (id, mutant) in mutants {
        let range = match &mutant.form {
            Form::Instead(range, _) => range.clone(),
            Form::Return(at, _) | Form::Closed(at) => *at..*at,
        };
        match nodes.iter_mut().find(|node| node.range == range) {
            Some(node) => node.mutants.push((*id, &mutant.form)),
            None => nodes.push(Node {
                range,
                mutants: vec![(*id, &mutant.form)],
            }),
        }
    }
    nodes.sort_by_key(|node| (node.range.start, usize::MAX - node.range.end));
    let mut rendered = Rendered {
        text: String::with_capacity(text.len() * 2),
        mutated: Vec::new(),
        choices: Vec::new(),
    };
    rendered.copy(text, 0..text.len(), &nodes);
    rendered
}

impl Rendered {
    fn copy(&mut self, text: &str, range: Range<usize>, nodes: &[Node<'_>]) {
        let mut at = range.start;
        let mut rest = nodes;
        while let Some((node, others)) = rest.split_first() {
            self.text.push_str(&text[at..node.range.start]);
            let inside = others
                .iter()
                .take_while(|other| other.range.start < node.range.end)
                .count();
            self.choose(text, node, &others[..inside]);
            at = node.range.end;
            rest = &others[inside..];
        }
        self.text.push_str(&text[at..range.end]);
    }

    fn choose(&mut self, text: &str, node: &Node<'_>, inside: &[Node<'_>]) {
        let start = self.text.len();
        let mut instead = false;
        for (id, form) in &node.mutants {
            let (before, mutated, after) = match form {
                Form::Return(_, value) => (
                    format!(" if crate::schemata::on({id}) {{ return "),
                    value.clone(),
                    "; }",
                ),
                Form::Closed(_) => (
                    " if ".to_owned(),
                    format!("!crate::schemata::on({id})"),
                    " ",
                ),
                Form::Instead(_, mutated) => {
                    let open = if instead { "" } else { "(" };
                    instead = true;
                    let before = format!("{open}if crate::schemata::on({id}) {{ (");
                    (before, mutated.clone(), ") } else ")
                }
            };
            self.text.push_str(&before);
            let from = self.text.len();
            self.text.push_str(&mutated);
            self.mutated.push((*id, from..self.text.len()));
            self.text.push_str(after);
        }
        if instead {
            self.text.push_str("{ (");
            self.copy(text, node.range.clone(), inside);
            let _ = write!(self.text, ") }})");
        }
        let ids = node.mutants.iter().map(|(id, _)| *id).collect();
        self.choices.push((ids, start..self.text.len()));
    }
}
