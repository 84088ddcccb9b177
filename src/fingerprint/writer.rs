//! A document as bytes that say what each is, so that no two documents are the same bytes.

use std::fmt;

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};

use super::sha::Sha256;

pub(super) struct Writer<'a>(pub(super) &'a mut Sha256);

/// What a type says that cannot be written.
#[derive(Debug)]
pub(super) struct Unwritten(String);

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritten {}

impl ser::Error for Unwritten {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self(reason.to_string())
    }
}

type Done = Result<(), Unwritten>;

/// A text that is short enough to need no memory of its own.
struct Short {
    bytes: [u8; 40],
    length: usize,
}

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl Writer<'_> {
    #[inline]
    fn put(&mut self, tag: u8, bytes: &[u8]) {
        if let Ok(length @ ..0x80) = u8::try_from(bytes.len()) {
            self.0.update(&[tag, length]);
            self.0.update(bytes);
        } else {
            self.put_long(tag, bytes);
        }
    }

    #[inline(never)]
    fn put_long(&mut self, tag: u8, bytes: &[u8]) {
        // The length in groups of seven bits, the lowest first; all but the last have the highest bit.
        let mut head = [tag; 11];
        let (mut length, mut count) = (bytes.len() as u64, 1);
        loop {
            let group = u8::try_from(length & 0x7F).unwrap_or(0);
            length >>= 7;
            head[count] = if length == 0 { group } else { group | 0x80 };
            count += 1;
            if length == 0 {
                break;
            }
        }
        self.0.update(&head[..count]);
        self.0.update(bytes);
    }

    fn open(&mut self, tag: u8) {
        self.0.update(&[tag]);
    }

    fn inner<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(Writer(self.0))
    }

    fn close(mut self) {
        self.open(b')');
    }
}

macro_rules! numbers {
    ($($name:ident: $type:ty, $tag:literal;)*) => {
        $(fn $name(mut self, value: $type) -> Done {
            self.put($tag, &value.to_le_bytes());
            Ok(())
        })*
    };
}

impl<'a> ser::Serializer for Writer<'a> {
    type Ok = ();
    type Error = Unwritten;
    type SerializeSeq = Writer<'a>;
    type SerializeTuple = Writer<'a>;
    type SerializeTupleStruct = Writer<'a>;
    type SerializeTupleVariant = Writer<'a>;
    type SerializeMap = Writer<'a>;
    type SerializeStruct = Writer<'a>;
    type SerializeStructVariant = Writer<'a>;

    numbers! {
        serialize_i8: i8, b'i'; serialize_i16: i16, b'i'; serialize_i32: i32, b'i'; serialize_i64: i64, b'i';
        serialize_i128: i128, b'i'; serialize_u8: u8, b'u'; serialize_u16: u16, b'u'; serialize_u32: u32, b'u';
        serialize_u64: u64, b'u'; serialize_u128: u128, b'u'; serialize_f32: f32, b'f'; serialize_f64: f64, b'f';
    }

    fn serialize_bool(mut self, value: bool) -> Done {
        self.put(b'b', &[u8::from(value)]);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Done {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(mut self, value: &str) -> Done {
        self.put(b's', value.as_bytes());
        Ok(())
    }

    fn collect_str<T: fmt::Display + ?Sized>(mut self, value: &T) -> Done {
        let mut short = Short {
            bytes: [0; 40],
            length: 0,
        };
        if fmt::write(&mut short, format_args!("{value}")).is_ok() {
            self.put(b's', &short.bytes[..short.length]);
            Ok(())
        } else {
            self.serialize_str(&value.to_string())
        }
    }

    fn serialize_bytes(mut self, value: &[u8]) -> Done {
        self.put(b'y', value);
        Ok(())
    }

    fn serialize_none(mut self) -> Done {
        self.open(b'-');
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(mut self, value: &T) -> Done {
        self.open(b'+');
        self.inner(value)
    }

    fn serialize_unit(mut self) -> Done {
        self.open(b'0');
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(mut self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.put(b'v', variant.as_bytes());
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        value: &T,
    ) -> Done {
        self.inner(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        self.put(b'n', variant.as_bytes());
        self.inner(value)
    }

    fn serialize_seq(mut self, _: Option<usize>) -> Result<Self, Unwritten> {
        self.open(b'[');
        Ok(self)
    }

    fn serialize_tuple(mut self, _: usize) -> Result<Self, Unwritten> {
        self.open(b'(');
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, count: usize) -> Result<Self, Unwritten> {
        self.serialize_tuple(count)
    }

    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self, Unwritten> {
        self.put(b'N', variant.as_bytes());
        Ok(self)
    }

    fn serialize_map(mut self, _: Option<usize>) -> Result<Self, Unwritten> {
        self.open(b'{');
        Ok(self)
    }

    fn serialize_struct(mut self, _: &'static str, _: usize) -> Result<Self, Unwritten> {
        self.open(b'{');
        Ok(self)
    }

    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self, Unwritten> {
        self.put(b'S', variant.as_bytes());
        Ok(self)
    }
}

macro_rules! lists {
    ($($name:ident.$method:ident)*) => {
        $(impl $name for Writer<'_> {
            type Ok = ();
            type Error = Unwritten;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
                self.inner(value)
            }

            fn end(self) -> Done {
                self.close();
                Ok(())
            }
        })*
    };
}

lists!(SerializeSeq.serialize_element SerializeTuple.serialize_element SerializeTupleStruct.serialize_field
    SerializeTupleVariant.serialize_field);

macro_rules! fields {
    ($($name:ident)*) => {
        $(impl $name for Writer<'_> {
            type Ok = ();
            type Error = Unwritten;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Done {
                self.put(b's', key.as_bytes());
                self.inner(value)
            }

            fn end(self) -> Done {
                self.close();
                Ok(())
            }
        })*
    };
}

fields!(SerializeStruct SerializeStructVariant);

impl SerializeMap for Writer<'_> {
    type Ok = ();
    type Error = Unwritten;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.inner(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.inner(value)
    }

    fn end(self) -> Done {
        self.close();
        Ok(())
    }
}
