//! JSON bodies: of partners' callbacks, and of any route by the general reader.

use api::http::body::parse;
use api::partner::{DeliveryTask, NoClicks, ratings};
use kernel::clock::BusinessDate;
use kernel::external::LONGEST_CODE;
use kernel::external::is_code;
use kernel::id::GroupId;
use kernel::money::Money;
use poem_openapi::Object;

use crate::rules::{choice, refused, storable};

/// Every kind of field that routes have.
#[derive(Object)]
struct Everything {
    id: GroupId,
    amount: Option<Money>,
    date: Option<BusinessDate>,
    #[oai(validator(min_length = 1, max_length = 20))]
    name: Option<String>,
    #[oai(validator(pattern = "^[a-z]+(/[a-z]+)*$"))]
    path: Option<String>,
    #[oai(validator(minimum(value = "1"), maximum(value = "5")))]
    star: Option<i64>,
    flag: Option<bool>,
    #[oai(validator(max_items = 3))]
    codes: Option<Vec<String>>,
    inside: Option<Vec<Inside>>,
    given: Option<serde_json::Value>,
}

#[derive(Object)]
struct Inside {
    text: String,
    number: Option<u32>,
}

/// `0` stars, `1` an ad task, `2` groups without clicks, `3` all kinds of fields; then the body.
pub fn body(data: &[u8]) {
    let Some((first, body)) = data.split_first() else {
        return;
    };
    let read = match choice(*first, 4) {
        0 => stars(body),
        1 => task(body),
        2 => no_clicks(body),
        _ => everything(body),
    };
    if let Err(error) = read {
        refused(&error);
    }
}

fn stars(body: &[u8]) -> kernel::Result<()> {
    for rating in ratings(body)?.unwrap_or_default() {
        storable("a code", rating.group_code.as_str(), LONGEST_CODE);
        assert!(rating.state >= 0, "{rating:?}");
    }
    Ok(())
}

fn task(body: &[u8]) -> kernel::Result<()> {
    let task = parse::<DeliveryTask>(body)?.read()?;
    let named = task.group_codes.len();
    let task = task.checked()?;
    assert!(is_code(&task.id), "{task:?}");
    assert!((1..=named.min(10_000)).contains(&task.group_codes.len()));
    assert!((1..=10).contains(&task.items.len()));
    for item in &task.items {
        for text in [&item.title, &item.content, &item.file_path, &item.url] {
            storable("a text of an ad", text, body.len());
        }
    }
    Ok(())
}

fn no_clicks(body: &[u8]) -> kernel::Result<()> {
    for code in parse::<NoClicks>(body)?.read() {
        storable("a code", code.as_str(), LONGEST_CODE);
    }
    Ok(())
}

fn everything(body: &[u8]) -> kernel::Result<()> {
    let read: Everything = parse(body)?;
    assert_eq!(read.id.to_string().parse(), Ok(read.id));
    if let Some(amount) = read.amount {
        assert_eq!(amount.to_string().parse::<Money>().ok(), Some(amount));
    }
    if let Some(date) = read.date {
        assert_eq!(date.to_string().len(), 10);
    }
    if let Some(name) = &read.name {
        storable("the name", name, 20);
        assert!(!name.is_empty());
    }
    if let Some(path) = &read.path {
        assert!(
            path.bytes().all(|byte| byte == b'/' || byte.is_ascii_lowercase()),
            "{path:?}"
        );
    }
    assert!(read.star.is_none_or(|star| (1..=5).contains(&star)));
    assert!(read.codes.as_ref().is_none_or(|codes| codes.len() <= 3));
    let _ = (read.flag, read.given.map(|given| storable_json(&given)));
    let texts = read.codes.into_iter().flatten();
    let inside = read.inside.into_iter().flatten();
    for text in texts.chain(inside.map(|inside| format!("{}{:?}", inside.text, inside.number))) {
        storable("a text", &text, usize::MAX);
    }
    Ok(())
}

/// PostgreSQL's jsonb takes no NUL, in names neither.
fn storable_json(value: &serde_json::Value) {
    assert!(!value.to_string().contains("\\u0000"), "{value}");
}
