//! Reads a part of the document into a serde type and finds every fault in it.

mod choice;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use serde::{
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess,
        Visitor,
        value::{BorrowedStrDeserializer, StringDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{
    fault::Fault,
    part, secret,
    source::Span,
    tree::{Entry, Node, Value},
};
use choice::{Content, Tagged, Variant};

/// More faults than these are not looked for.
pub(super) const MAX_FAULTS: usize = 100;

/// What is known when a part of the document is read.
#[derive(Clone, Copy)]
pub(super) struct Knowledge<'a> {
    pub(super) environment: &'a BTreeMap<String, String>,
    /// Types that are not in this build, and the feature that brings them.
    pub(super) absent: &'a BTreeMap<String, String>,
}

/// What came of reading a part of the document.
pub(super) struct Outcome<T> {
    /// What can be read without what is at fault, if anything can.
    pub(super) value: Option<T>,
    pub(super) faults: Vec<Fault>,
    /// Spans of what must not be shown.
    pub(super) hidden: Vec<Span>,
    /// What the secrets in it are at this moment.
    pub(super) secrets: Vec<String>,
}

/// Reads `node`. A part that is at fault is left out and the rest read again, until nothing new is found.
pub(super) fn read<T: DeserializeOwned>(node: &Node, knowledge: Knowledge<'_>) -> Outcome<T> {
    let mut outcome = Outcome { value: None, faults: Vec::new(), hidden: Vec::new(), secrets: Vec::new() };
    let faults = &mut outcome.faults;
    let mut left_out = BTreeSet::new();
    loop {
        let reading = Reading::new(left_out, knowledge);
        let result = T::deserialize(Reader::new(node, &reading));
        let result = reading.locate(node, result);
        outcome.hidden.append(&mut reading.hidden.borrow_mut());
        outcome.secrets = reading.secrets.take();
        let fault = match result {
            Ok(value) => return Outcome { value: Some(value), ..outcome },
            Err(fault) => fault,
        };
        let found = reading.found.take().unwrap_or(Found { fault, id: node.id, follows: false });
        left_out = reading.left_out;
        if !found.follows || faults.is_empty() {
            faults.push(found.fault);
        }
        if found.id == node.id || faults.len() == MAX_FAULTS || !left_out.insert(found.id) {
            return outcome;
        }
    }
}

/// One pass over a part of the document.
struct Reading<'a> {
    /// Nodes known to be at fault.
    left_out: BTreeSet<usize>,
    knowledge: Knowledge<'a>,
    /// The first fault of this pass. It is kept aside because typetag turns errors into strings on their way out.
    found: RefCell<Option<Found>>,
    hidden: RefCell<Vec<Span>>,
    secrets: RefCell<Vec<String>>,
}

struct Found {
    fault: Fault,
    /// The node to leave out next.
    id: usize,
    /// The fault is only that something left out is now missing.
    follows: bool,
}

impl<'a> Reading<'a> {
    fn new(left_out: BTreeSet<usize>, knowledge: Knowledge<'a>) -> Self {
        let (found, hidden, secrets) = Default::default();
        Self { left_out, knowledge, found, hidden, secrets }
    }

    /// Remembers a fault with the innermost node in which it came up.
    fn locate<T>(&self, node: &Node, result: Result<T, Fault>) -> Result<T, Fault> {
        let follows = || node.children().any(|child| self.left_out.contains(&child.id));
        self.locate_at(node.span, node.id, follows, result)
    }

    fn locate_at<T>(
        &self,
        span: Span,
        id: usize,
        follows: impl Fn() -> bool,
        result: Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut found = self.found.borrow_mut();
        match &result {
            // A type that tries several forms has swallowed what it met on the way.
            Ok(_) => *found = None,
            Err(fault) if found.is_none() => {
                let mut fault = fault.clone();
                fault.span.get_or_insert(span);
                *found = Some(Found { fault, id, follows: follows() });
            }
            Err(_) => {}
        }
        result
    }
}

/// serde's view of a node.
#[derive(Clone, Copy)]
struct Reader<'a> {
    node: &'a Node,
    reading: &'a Reading<'a>,
    /// The key of the node and those that its struct has.
    entry: Option<(&'a Entry, &'static [&'static str])>,
    form: Form,
}

/// What is seen of a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// All of it.
    Whole,
    /// The node is a [`part::Part`]: its `type` stands for a tag around the rest.
    Part,
    /// The rest of such a part.
    RestOfPart,
}

impl<'a> Reader<'a> {
    fn new(node: &'a Node, reading: &'a Reading<'a>) -> Self {
        Self { node, reading, entry: None, form: Form::Whole }
    }

    fn entries(self, fields: &'static [&'static str]) -> Entries<'a> {
        let entries = self.node.table().map_or(&[][..], |table| &table.0);
        let has_tag = self.form == Form::RestOfPart;
        Entries { rest: entries.iter(), reading: self.reading, fields, has_tag, current: None }
    }

    fn tagged(self) -> Result<Tagged<'a>, Fault> {
        let Some(table) = self.node.table() else {
            return Err(Fault::new("expected a table with a `type`"));
        };
        let tag = match table.get(part::TAG).map(|entry| &entry.node) {
            None => None,
            // It has been found wrong already.
            Some(node) if self.reading.left_out.contains(&node.id) => {
                return Err(Fault::new("unknown `type`"));
            }
            Some(node) => Some(node),
        };
        Ok(Tagged { tag, rest: Reader { form: Form::RestOfPart, ..self } })
    }

    /// The value where a string is wanted.
    fn as_text(self) -> Option<&'a str> {
        match &self.node.value {
            Value::String(text) | Value::Datetime(text) => Some(text),
            _ => self.node.text.as_deref(),
        }
    }

    fn visit_table<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match (&self.node.value, self.form) {
            (_, Form::Part) => visitor.visit_map(self.tagged()?),
            // Located here, before typetag makes a string of the fault.
            (Value::Table(_), _) => self.reading.locate(self.node, visitor.visit_map(self.entries(fields))),
            _ => self.deserialize_any(visitor),
        }
    }

    /// Refuses what something without content was given.
    fn nothing(self) -> Result<(), Fault> {
        let mut entries = self.entries(&[]);
        while let Some(key) = entries.next_key::<String>()? {
            if let Some(entry) = entries.current {
                let fault = Fault::unknown_key(&key, &[] as &[&str]);
                self.reading.locate_at(entry.key_span, entry.node.id, || false, Err(fault))?;
            }
        }
        Ok(())
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::String(text) | Value::Datetime(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => visitor.visit_i64(number),
                (_, Ok(number)) => visitor.visit_u64(number),
                _ => Err(Fault::new("the number is out of range")),
            },
            Value::Float(number) => visitor.visit_f64(*number),
            Value::Boolean(yes) => visitor.visit_bool(*yes),
            Value::Array(items) => visitor.visit_seq(Items { rest: items.iter(), reading: self.reading }),
            Value::Table(_) => self.visit_table(&[], visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.as_text() {
            Some(text) => visitor.visit_borrowed_str(text),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match name {
            part::NAME => visitor.visit_newtype_struct(Reader { form: Form::Part, ..self }),
            secret::NAME => match secret::resolve(self.node, self.reading.knowledge.environment) {
                Ok(text) => {
                    self.reading.secrets.borrow_mut().push(text.clone());
                    visitor.visit_string(text)
                }
                Err(fault) => {
                    self.node.spans(&mut self.reading.hidden.borrow_mut());
                    Err(fault)
                }
            },
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.visit_table(&[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.visit_table(fields, visitor)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if self.form != Form::RestOfPart {
            return self.deserialize_any(visitor);
        }
        self.nothing()?;
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.node.value {
            _ if self.form == Form::Part => visitor.visit_enum(self.tagged()?),
            Value::String(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            Value::Table(table) => match table.0.as_slice() {
                [entry] => {
                    let content = Content(Reader::new(&entry.node, self.reading));
                    visitor.visit_enum(Variant { tag: entry.name(variants), content })
                }
                _ => Err(Fault::new("expected a table with a single key").expecting("", variants)),
            },
            _ => Err(Fault::new("expected the name of a choice in quotes").expecting("", variants)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        // What is ignored is a key that nobody knows: types without `deny_unknown_fields` end here.
        match self.entry {
            Some((entry, fields)) => {
                let fault = Fault::unknown_key(&entry.key, fields);
                self.reading.locate_at(entry.key_span, entry.node.id, || false, Err(fault))
            }
            None => visitor.visit_unit(),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 bytes byte_buf unit seq tuple tuple_struct
        identifier
    }
}

/// The entries of a table.
struct Entries<'a> {
    rest: std::slice::Iter<'a, Entry>,
    reading: &'a Reading<'a>,
    fields: &'static [&'static str],
    /// The `type` of a part is among them, and has been read.
    has_tag: bool,
    current: Option<&'a Entry>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let (left_out, has_tag) = (&self.reading.left_out, self.has_tag);
        let wanted =
            |entry: &&Entry| !(left_out.contains(&entry.node.id) || has_tag && entry.is_called(part::TAG));
        let Some(entry) = self.rest.by_ref().find(wanted) else { return Ok(None) };
        self.current = Some(entry);
        let key: StringDeserializer<Fault> = entry.name(self.fields).into_deserializer();
        let result = seed.deserialize(key);
        self.reading.locate_at(entry.key_span, entry.node.id, || false, result).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some(entry) = self.current.take() else {
            return Err(Fault::custom("a value was asked for before its key"));
        };
        let reader = Reader { entry: Some((entry, self.fields)), ..Reader::new(&entry.node, self.reading) };
        self.reading.locate(&entry.node, seed.deserialize(reader))
    }
}

/// The values of an array.
struct Items<'a> {
    rest: std::slice::Iter<'a, Node>,
    reading: &'a Reading<'a>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let left_out = &self.reading.left_out;
        let Some(node) = self.rest.by_ref().find(|node| !left_out.contains(&node.id)) else {
            return Ok(None);
        };
        self.reading.locate(node, seed.deserialize(Reader::new(node, self.reading))).map(Some)
    }
}
