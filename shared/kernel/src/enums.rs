//! Enums that leave the program: one declaration says what a value is called in the database, in JSON, in parameters and in
//! the API's description. [`numbered!`](crate::numbered) is for those that are numbers there, [`named!`](crate::named) for
//! those that are words. Columns, rows and bound values of SQL take either as it is.
//!
//! In SQL, what a caller chooses is bound. What a statement always says stands in its text: planners match partial indexes
//! with literals only, and know how often one occurs. A word stands there as it is; a number is written by its name,
//! `format!("status = {normal}", normal = Status::Normal)`. A source test holds both: no bare number, no unknown word.

use poem_openapi::registry::{MetaSchema, Registry};
use poem_openapi::types::{ParseError, ParseResult, Type};
use serde_json::Value;

/// An enum that is a number outside the program.
pub trait Numbered: Copy + Sized + 'static {
    /// Every value with its number, its name and a sentence about it.
    const VALUES: &'static [(Self, i16, &'static str, &'static str)];

    /// The value with this number.
    fn of_number(number: i16) -> Option<Self> {
        let found = Self::VALUES.iter().find(|value| value.1 == number);
        found.map(|value| value.0)
    }
}

/// "0, 1 or 2".
pub fn choice<T: Numbered>() -> String {
    let numbers: Vec<String> = T::VALUES.iter().map(|value| value.1.to_string()).collect();
    match numbers.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Describes the enum as a component: an integer with its values, their names and what they mean in the description.
pub fn register<T: Numbered + Type>(registry: &mut Registry, description: &'static str) {
    registry.create_schema::<T, _>(T::name().into_owned(), |_| MetaSchema {
        description: Some(description),
        enum_items: T::VALUES.iter().map(|value| value.1.into()).collect(),
        ..MetaSchema::new_with_format("integer", "int16")
    });
}

/// The enum's own sentence and a line for each value.
pub fn describe<T: Numbered>(about: &str) -> String {
    let line =
        |(_, number, name, about): &(T, i16, &str, &str)| format!("\n- `{number}` {name}: {}", about.trim());
    let lines: String = T::VALUES.iter().map(line).collect();
    format!("{}\n{lines}", about.trim())
}

/// Reads a value from a JSON number.
pub fn from_json<T: Numbered + Type>(value: Option<Value>) -> ParseResult<T> {
    let number = value.as_ref().and_then(Value::as_i64);
    let known = number.and_then(|number| T::of_number(i16::try_from(number).ok()?));
    known.ok_or_else(|| ParseError::custom(format!("must be {}", choice::<T>())))
}

/// Reads a value from the digits of its number.
pub fn from_text<T: Numbered + Type>(text: &str) -> ParseResult<T> {
    let known = text.parse().ok().and_then(T::of_number);
    known.ok_or_else(|| ParseError::custom(format!("must be {}", choice::<T>())))
}

/// Declares an enum that is a number in the database (`smallint`) and on the wire. After its name stands what inputs call
/// it; a number that is none of its own is refused with 1403 naming that.
///
/// ```
/// kernel::numbered! {
///     /// What became of it.
///     pub enum Outcome: "outcome" {
///         /// It went well.
///         Good = 1,
///         /// It did not.
///         Bad = 2,
///     }
/// }
/// assert_eq!(Outcome::Bad.number(), 2);
/// assert_eq!(Outcome::try_from(1).unwrap(), Outcome::Good);
/// assert!(Outcome::try_from(3).is_err());
/// ```
#[macro_export]
macro_rules! numbered {
    (
        $(#[doc = $about:literal])*
        $visibility:vis enum $name:ident: $field:literal {
            $($(#[doc = $doc:literal])* $variant:ident = $number:tt),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::EnumIter, sea_orm::DeriveActiveEnum,
        )]
        #[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
        $visibility enum $name {
            $($(#[doc = $doc])* #[sea_orm(num_value = $number)] $variant = $number,)*
        }

        #[allow(dead_code)]
        impl $name {
            /// All of them.
            $visibility const ALL: [$name; [$(stringify!($variant)),*].len()] = [$($name::$variant),*];

            /// The number in the table and on the wire.
            $visibility const fn number(self) -> i16 {
                self as i16
            }
        }

        /// The number: how a statement names a value that it does not take as an argument.
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", self.number())
            }
        }

        impl $crate::enums::Numbered for $name {
            const VALUES: &'static [(Self, i16, &'static str, &'static str)] =
                &[$(($name::$variant, $number, stringify!($variant), concat!($($doc),*))),*];
        }

        impl TryFrom<i16> for $name {
            type Error = $crate::error::Error;

            fn try_from(number: i16) -> Result<Self, Self::Error> {
                <$name as $crate::enums::Numbered>::of_number(number).ok_or_else(|| {
                    let choice = $crate::enums::choice::<$name>();
                    $crate::error::Error::params($field, format!("must be {choice}"))
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i16(self.number())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = <i16 as serde::Deserialize>::deserialize(deserializer)?;
                $name::try_from(number).map_err(|error| serde::de::Error::custom(error.message))
            }
        }

        impl poem_openapi::types::Type for $name {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                poem_openapi::registry::MetaSchemaRef::Reference(stringify!($name).to_owned())
            }

            fn register(registry: &mut poem_openapi::registry::Registry) {
                static DESCRIPTION: std::sync::OnceLock<String> = std::sync::OnceLock::new();
                let describe = || $crate::enums::describe::<Self>(concat!($($about),*));
                $crate::enums::register::<Self>(registry, DESCRIPTION.get_or_init(describe));
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl poem_openapi::types::ParseFromJSON for $name {
            fn parse_from_json(value: Option<serde_json::Value>) -> poem_openapi::types::ParseResult<Self> {
                $crate::enums::from_json(value)
            }
        }

        impl poem_openapi::types::ParseFromParameter for $name {
            fn parse_from_parameter(text: &str) -> poem_openapi::types::ParseResult<Self> {
                $crate::enums::from_text(text)
            }
        }

        impl poem_openapi::types::ToJSON for $name {
            fn to_json(&self) -> Option<serde_json::Value> {
                Some(self.number().into())
            }
        }
    };
}

/// Declares an enum that is a word in the database (`text`) and on the wire.
///
/// ```
/// kernel::named! {
///     /// How it went.
///     pub enum Mood {
///         /// All smiles.
///         VeryGood = "very_good",
///         /// None.
///         Bad = "bad",
///     }
/// }
/// assert_eq!(Mood::VeryGood.name(), "very_good");
/// assert_eq!(Mood::of_name("bad"), Some(Mood::Bad));
/// ```
#[macro_export]
macro_rules! named {
    (
        $(#[doc = $about:literal])*
        $visibility:vis enum $name:ident {
            $($(#[doc = $doc:literal])* $variant:ident = $word:tt),* $(,)?
        }
    ) => {
        $(#[doc = $about])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::EnumIter, sea_orm::DeriveActiveEnum,
            serde::Serialize, serde::Deserialize, poem_openapi::Enum,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        $visibility enum $name {
            $(
                $(#[doc = $doc])*
                #[sea_orm(string_value = $word)]
                #[serde(rename = $word)]
                #[oai(rename = $word)]
                $variant,
            )*
        }

        #[allow(dead_code)]
        impl $name {
            /// All of them.
            $visibility const ALL: [$name; [$(stringify!($variant)),*].len()] = [$($name::$variant),*];

            /// The name in the table, in events and on the wire.
            $visibility const fn name(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }

            /// The one with this name.
            $visibility fn of_name(name: &str) -> Option<$name> {
                $name::ALL.into_iter().find(|one| one.name() == name)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::types::{ParseFromJSON, ParseFromParameter, ToJSON};
    use sea_orm::ActiveEnum;
    use serde_json::json;

    crate::numbered! {
        /// How much it shines.
        enum Shine: "shine" {
            /// Not at all.
            Dull = 0,
            /// So that one
            /// is dazzled.
            Bright = 7,
        }
    }

    crate::named! {
        /// What it is made of.
        enum Stuff {
            /// Gold.
            Gold = "gold",
            /// Something like gold.
            FoolsGold = "fools_gold",
        }
    }

    #[test]
    fn a_number_is_the_same_everywhere() {
        for shine in Shine::ALL {
            let number = shine.number();
            assert_eq!(Shine::try_from(number).unwrap(), shine);
            assert_eq!(shine.to_value(), number);
            assert_eq!(Shine::try_from_value(&number).unwrap(), shine);
            assert_eq!(sea_orm::Value::from(shine), sea_orm::Value::from(number));
            assert_eq!(shine.to_string(), number.to_string());
            assert_eq!(serde_json::to_value(shine).unwrap(), json!(number));
            assert_eq!(serde_json::from_value::<Shine>(json!(number)).unwrap(), shine);
            assert_eq!(shine.to_json(), Some(json!(number)));
            assert_eq!(Shine::parse_from_json(Some(json!(number))).unwrap(), shine);
            assert_eq!(Shine::parse_from_parameter(&number.to_string()).unwrap(), shine);
        }
    }

    #[test]
    fn other_numbers_are_refused() {
        let error = Shine::try_from(1).unwrap_err();
        assert_eq!(
            (error.field.as_deref(), error.message.as_ref()),
            (Some("shine"), "must be 0 or 7")
        );
        assert!(serde_json::from_value::<Shine>(json!(1)).is_err());
        assert!(Shine::try_from_value(&1).is_err());
        for wrong in [json!(1), json!(70_000), json!("7"), json!(7.0), json!(null)] {
            assert!(Shine::parse_from_json(Some(wrong)).is_err());
        }
        for wrong in ["1", "", "seven", "7.0"] {
            assert!(Shine::parse_from_parameter(wrong).is_err());
        }
    }

    #[test]
    fn a_number_is_described_with_names() {
        let mut registry = Registry::new();
        Shine::register(&mut registry);
        let schema = &registry.schemas["Shine"];
        assert_eq!(
            (schema.ty, &schema.enum_items),
            ("integer", &vec![json!(0), json!(7)])
        );
        assert_eq!(
            schema.description.unwrap(),
            "How much it shines.\n\n- `0` Dull: Not at all.\n- `7` Bright: So that one is dazzled."
        );
    }

    #[test]
    fn a_word_is_the_same_everywhere() {
        for stuff in Stuff::ALL {
            let name = stuff.name();
            assert_eq!(stuff.to_string(), name);
            assert_eq!(Stuff::of_name(name), Some(stuff));
            assert_eq!(stuff.to_value(), name);
            assert_eq!(Stuff::try_from_value(&name.to_owned()).unwrap(), stuff);
            assert_eq!(serde_json::to_value(stuff).unwrap(), json!(name));
            assert_eq!(serde_json::from_value::<Stuff>(json!(name)).unwrap(), stuff);
            assert_eq!(stuff.to_json(), Some(json!(name)));
            assert_eq!(Stuff::parse_from_json(Some(json!(name))).unwrap(), stuff);
            assert_eq!(Stuff::parse_from_parameter(name).unwrap(), stuff);
        }
        assert!(Stuff::parse_from_parameter("FoolsGold").is_err());
        let mut registry = Registry::new();
        Stuff::register(&mut registry);
        assert_eq!(
            registry.schemas["Stuff"].enum_items,
            vec![json!("gold"), json!("fools_gold")]
        );
    }
}
