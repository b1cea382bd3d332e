//! What a `type` or a variant name chooses.

use serde::de::{
    DeserializeSeed, EnumAccess, Error as _, IntoDeserializer, MapAccess, Unexpected, VariantAccess, Visitor,
    value::{BorrowedStrDeserializer, StringDeserializer},
};

use super::{
    super::{fault::Fault, tree::Node},
    Reader,
};

/// A part: its `type`, and everything else in its table.
pub(super) struct Tagged<'a> {
    pub(super) tag: Option<&'a Node>,
    pub(super) rest: Reader<'a>,
}

impl<'a> Tagged<'a> {
    fn read_tag<S: DeserializeSeed<'a>>(&self, seed: S) -> Result<S::Value, Fault> {
        let reading = self.rest.reading;
        let Some(tag) = self.tag else {
            // Nothing is called so: the error lists what there is.
            let result = seed.deserialize(BorrowedStrDeserializer::new(""));
            let result =
                result.map_err(|fault: Fault| Fault { message: "missing key `type`".to_owned(), ..fault });
            return reading.locate(self.rest.node, result);
        };
        let Some(text) = Reader::new(tag, reading).as_text() else {
            return reading.locate(tag, Err(Fault::new("expected the name of a `type` in quotes")));
        };
        let result = seed.deserialize(BorrowedStrDeserializer::new(text));
        let result = result.map_err(|fault: Fault| match reading.knowledge.absent.get(text) {
            Some(feature) => Fault::absent(text, feature),
            None => Fault { message: fault.message.replace("unknown value", "unknown type"), ..fault },
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
        self.rest.reading.locate(self.rest.node, seed.deserialize(self.rest))
    }
}

impl<'de> EnumAccess<'de> for Tagged<'de> {
    type Error = Fault;
    type Variant = Content<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Fault> {
        let tag = self.read_tag(seed)?;
        Ok((tag, Content(self.rest)))
    }
}

/// A table with a single key that names a variant.
pub(super) struct Variant<'a> {
    pub(super) tag: String,
    pub(super) content: Content<'a>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Fault;
    type Variant = Content<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Fault> {
        let tag: StringDeserializer<Fault> = self.tag.into_deserializer();
        Ok((seed.deserialize(tag)?, self.content))
    }
}

/// What a variant holds.
pub(super) struct Content<'a>(pub(super) Reader<'a>);

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        self.0.nothing()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        self.0.reading.locate(self.0.node, seed.deserialize(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value, Fault> {
        Err(Fault::invalid_type(Unexpected::Map, &visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.0.reading.locate(self.0.node, visitor.visit_map(self.0.entries(fields)))
    }
}
