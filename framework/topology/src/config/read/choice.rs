//! What a `type` or a variant name chooses.

use serde::{
    de::{
        DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, Unexpected,
        VariantAccess, Visitor,
        value::{BorrowedStrDeserializer, StringDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{
    super::{fault::Fault, tree::Node},
    Reader,
};

/// A part: its `type`, and everything else in its table.
pub(super) struct Tagged<'a> {
    pub(super) tag: Option<&'a Node>,
    pub(super) reader: Reader<'a>,
}

impl<'a> Tagged<'a> {
    fn read_tag<S: DeserializeSeed<'a>>(&self, seed: S) -> Result<S::Value, Fault> {
        let reading = self.reader.reading;
        let Some(tag) = self.tag else {
            // Nothing is called so: the error lists what there is.
            let result = seed.deserialize(BorrowedStrDeserializer::new(""));
            let result =
                result.map_err(|fault: Fault| Fault { message: "missing key `type`".to_owned(), ..fault });
            return reading.locate(self.reader.node, result);
        };
        let result = match Reader::new(tag, reading).as_text() {
            Some(text) => seed.deserialize(BorrowedStrDeserializer::new(text)),
            None => Err(Fault::new("expected the name of a `type` in quotes")),
        };
        let result = result.map_err(|fault: Fault| Fault {
            message: fault.message.replace("unknown value", "unknown type"),
            ..fault
        });
        reading.locate(tag, result)
    }
}

impl<'de> MapAccess<'de> for Tagged<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.read_tag(seed).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let reading = self.reader.reading;
        reading.locate(self.reader.node, seed.deserialize(Rest(self.reader)))
    }
}

impl<'de> EnumAccess<'de> for Tagged<'de> {
    type Error = Fault;
    type Variant = Content<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Fault> {
        let tag = self.read_tag(seed)?;
        Ok((tag, Content { reader: self.reader, rest_of_part: true }))
    }
}

/// The table of a part without its `type`.
struct Rest<'a>(Reader<'a>);

impl<'a> Rest<'a> {
    fn visit<V: Visitor<'a>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        // Here, before typetag makes a string of the fault.
        self.0.reading.locate(self.0.node, visitor.visit_map(self.0.entries(fields, true)))
    }
}

impl<'de> Deserializer<'de> for Rest<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit(&[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.visit(fields, visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        Content { reader: self.0, rest_of_part: true }.nothing()?;
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

/// A table with a single key that names a variant.
pub(super) struct Variant<'a> {
    pub(super) tag: String,
    pub(super) content: Reader<'a>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Fault;
    type Variant = Content<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Fault> {
        let tag: StringDeserializer<Fault> = self.tag.into_deserializer();
        Ok((seed.deserialize(tag)?, Content { reader: self.content, rest_of_part: false }))
    }
}

/// What a variant holds.
pub(super) struct Content<'a> {
    reader: Reader<'a>,
    rest_of_part: bool,
}

impl<'a> Content<'a> {
    /// Refuses what a variant without content was given.
    fn nothing(&self) -> Result<(), Fault> {
        let mut entries = self.reader.entries(&[], self.rest_of_part);
        while let Some(key) = entries.next_key::<String>()? {
            if let Some(entry) = entries.current {
                let fault = Fault::unknown_key(&key, &[] as &[&str]);
                self.reader.reading.locate_at(entry.key_span, entry.node.id, || false, Err(fault))?;
            }
        }
        Ok(())
    }
}

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        self.nothing()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        let Reader { node, reading, .. } = self.reader;
        let result = if self.rest_of_part {
            seed.deserialize(Rest(self.reader))
        } else {
            seed.deserialize(self.reader)
        };
        reading.locate(node, result)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Fault> {
        Err(Fault::invalid_type(Unexpected::Map, &visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        let Reader { node, reading, .. } = self.reader;
        let result = visitor.visit_map(self.reader.entries(fields, self.rest_of_part));
        reading.locate(node, result)
    }
}
