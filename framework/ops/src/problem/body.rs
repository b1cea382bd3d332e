//! A JSON body whose mistakes are answered with their place.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::rt::time::timeout;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path, Segment};

use super::Problem;

/// The largest body that is read: plenty for a message, nothing for an attacker.
pub const BODY_LIMIT: usize = 256 * 1024;

/// A body that needs longer to arrive is given up.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A JSON body, read into `T`.
///
/// A body that cannot be read is answered with a [`Problem`]: 400 for broken JSON (line and column), 408 when it takes longer than 10 s, 413 when it is
/// larger than 256 KiB, 415 for another media type, 422 for JSON that is not a `T` (JSON pointer of the place) or no object.
///
/// ```
/// use actix_web::{HttpResponse, web};
/// use squall_ops::problem::JsonBody;
///
/// #[derive(serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Order {
///     pieces: u32,
/// }
///
/// async fn order(JsonBody(order): JsonBody<Order>) -> HttpResponse {
///     HttpResponse::Ok().body(format!("{} pieces", order.pieces))
/// }
///
/// let route = web::post().to(order);
/// # drop(route);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let payload = web::Payload::from_request(&request, payload);
        Box::pin(async move {
            is_json(&request)?;
            let payload = payload.await.map_err(|error| Problem::bad_request(error.to_string()))?;
            let body = timeout(BODY_TIMEOUT, payload.to_bytes_limited(BODY_LIMIT))
                .await
                .map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "The body took too long to arrive."))?
                .map_err(|_| Problem::too_large(BODY_LIMIT))?
                .map_err(|error| Problem::bad_request(format!("The body broke off: {error}.")))?;
            parse(&body).map(JsonBody)
        })
    }
}

impl<T: DeserializeOwned> JsonBody<T> {
    /// Reads JSON that arrived in another way, such as one of many lines.
    ///
    /// # Errors
    ///
    /// A 400 or a 422, as for a whole body.
    pub fn read(json: &[u8]) -> Result<Self, Problem> {
        parse(json).map(Self)
    }
}

fn is_json(request: &HttpRequest) -> Result<(), Problem> {
    let media_type = request.content_type();
    if media_type == "application/json" || media_type.ends_with("+json") {
        return Ok(());
    }
    let given = match request.headers().get(CONTENT_TYPE) {
        Some(value) => format!("not {}", String::from_utf8_lossy(value.as_bytes())),
        None => "and says so in a Content-Type header".to_owned(),
    };
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        format!("The body must be application/json, {given}."),
    ))
}

/// Reads JSON, and says where it is wrong.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    is_object(body)?;
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        misread(error.inner(), pointer)
    })?;
    json.end().map_err(|error| misread(&error, String::new()))?;
    Ok(value)
}

/// Refuses JSON that is no object: a derived struct would take an array for its fields in the order of the code.
fn is_object(body: &[u8]) -> Result<(), Problem> {
    let first = body.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    if first == Some(&b'{') {
        return Ok(());
    }
    serde_json::from_slice::<IgnoredAny>(body).map_err(|error| misread(&error, String::new()))?;
    Err(not_expected().fault("", "expected a JSON object"))
}

fn not_expected() -> Problem {
    Problem::unprocessable("The body is JSON, but not what is expected here.")
}

fn misread(error: &serde_json::Error, pointer: String) -> Problem {
    if error.is_data() {
        let what = error.to_string();
        // The pointer says it better, and the caller may have sent one long line.
        let what = what.split(" at line ").next().unwrap_or(&what);
        not_expected().fault(pointer, what)
    } else {
        Problem::bad_request(format!("The body is not valid JSON: {error}."))
    }
}

/// Writes the path of a mistake as a JSON pointer.
fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            // The variant of an enum is not always a key of the document, and where the path ends is unknown.
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        pieces: u32,
        #[serde(default)]
        tags: Vec<String>,
    }

    #[test]
    fn a_good_body_is_read() {
        let order: Order = parse(br#"{"pieces": 3, "tags": ["a"]}"#).unwrap();

        assert_eq!(order, Order { pieces: 3, tags: vec!["a".into()] });
    }

    #[test]
    fn broken_json_is_a_400_with_line_and_column() {
        let problem = parse::<Order>(b"{\n \"pieces\": }").unwrap_err();

        assert_eq!(problem.status(), 400);
        assert!(problem.detail().contains("line 2 column 12"), "{problem}");
    }

    #[test]
    fn a_wrong_value_is_a_422_with_its_place() {
        let problem = parse::<Order>(br#"{"pieces": 1, "tags": ["a", 7]}"#).unwrap_err();

        assert_eq!(problem.status(), 422);
        assert_eq!(problem.faults()[0].pointer, "/tags/1");
        assert_eq!(problem.faults()[0].detail, "invalid type: integer `7`, expected a string");
    }

    #[test]
    fn an_unknown_field_is_a_422_that_names_it() {
        let problem = parse::<Order>(br#"{"piece": 1}"#).unwrap_err();

        assert_eq!(problem.status(), 422);
        assert!(problem.faults()[0].detail.contains("unknown field `piece`, expected"), "{problem}");
    }

    #[test]
    fn json_that_is_no_object_is_a_422_at_the_whole_body() {
        for body in ["[3, [\"a\"]]", " \n[]", "\"three\"", "3", "null", "true"] {
            let problem = parse::<Order>(body.as_bytes()).unwrap_err();

            assert_eq!(problem.status(), 422, "{body}");
            assert_eq!(problem.faults()[0].pointer, "");
            assert_eq!(problem.faults()[0].detail, "expected a JSON object");
        }
        assert_eq!(parse::<Order>(b" \t\r\n{\"pieces\": 3}").unwrap().pieces, 3);
    }

    #[test]
    fn something_behind_the_value_is_refused() {
        assert_eq!(parse::<Order>(br#"{"pieces": 1} {}"#).unwrap_err().status(), 400);
    }
}
