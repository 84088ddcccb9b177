//! What a function may return instead of what it computes, by the type that it returns.

use syn::{GenericArgument, PathArguments, ReturnType, Type};

/// Values of the type that a function returns, as text; none where none can be written without knowing more.
pub fn returned(output: &ReturnType) -> Vec<String> {
    match output {
        ReturnType::Default => vec![String::new()],
        ReturnType::Type(_, kind) => of(kind),
    }
}

fn of(kind: &Type) -> Vec<String> {
    match kind {
        Type::Tuple(tuple) if tuple.elems.is_empty() => vec!["()".to_owned()],
        Type::Tuple(tuple) => {
            let parts: Option<Vec<String>> = tuple
                .elems
                .iter()
                .map(|part| of(part).into_iter().next())
                .collect();
            parts
                .map(|parts| vec![format!("({},)", parts.join(", "))])
                .unwrap_or_default()
        }
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) if path.path.is_ident("str") => owned(&["\"\"", "\"xyzzy\""]),
            Type::Slice(_) if reference.mutability.is_none() => owned(&["&[]"]),
            Type::Slice(_) => owned(&["&mut []"]),
            inner => of(inner)
                .into_iter()
                .map(|value| format!("Box::leak(Box::new({value}))"))
                .collect(),
        },
        Type::Paren(inner) => of(&inner.elem),
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return Vec::new();
            };
            named(&last.ident.to_string(), &arguments(&last.arguments))
        }
        _ => Vec::new(),
    }
}

fn named(name: &str, arguments: &[&Type]) -> Vec<String> {
    let inner = |wrap: &str| -> Vec<String> {
        let values = arguments.first().map(|kind| of(kind)).unwrap_or_default();
        values
            .into_iter()
            .map(|value| format!("{wrap}({value})"))
            .collect()
    };
    match name {
        "bool" => owned(&["true", "false"]),
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => owned(&["0", "1"]),
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => owned(&["0", "1", "-1"]),
        "f32" | "f64" => owned(&["0.0", "1.0", "-1.0"]),
        "String" => owned(&["String::new()", "\"xyzzy\".into()"]),
        "Ordering" => owned(&[
            "std::cmp::Ordering::Less",
            "std::cmp::Ordering::Equal",
            "std::cmp::Ordering::Greater",
        ]),
        "Option" => [vec!["None".to_owned()], inner("Some")].concat(),
        "Result" if arguments.is_empty() => owned(&["Ok(())", "Ok(Default::default())"]),
        "Result" => inner("Ok"),
        "Box" => inner("Box::new"),
        "Vec" => {
            let some = arguments.first().map(|kind| of(kind)).unwrap_or_default();
            let some = some
                .into_iter()
                .take(1)
                .map(|value| format!("vec![{value}]"));
            owned(&["vec![]"]).into_iter().chain(some).collect()
        }
        _ => owned(&["Default::default()"]),
    }
}

fn arguments(of: &PathArguments) -> Vec<&Type> {
    let PathArguments::AngleBracketed(of) = of else {
        return Vec::new();
    };
    of.args
        .iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(kind) => Some(kind),
            _ => None,
        })
        .collect()
}

fn owned(values: &[&str]) -> Vec<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}
