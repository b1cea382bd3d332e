use actix_web::http::Method;
use actix_web::test::{TestRequest, call_and_read_body, init_service};
use actix_web::{App, HttpResponse, web};
use serde_json::{Value, json};

use super::{Api, Header, Operation, Operations};

#[derive(schemars::JsonSchema)]
#[expect(dead_code, reason = "it is only described")]
struct Wanted {
    /// How many.
    #[schemars(range(min = 1, max = 9))]
    limit: Option<u8>,
    of: String,
}

async fn answer(word: web::Data<String>) -> HttpResponse {
    HttpResponse::Ok().json(word.as_str())
}

fn operation(method: Method, path: &'static str, id: &'static str) -> Operation {
    Operation::new(method, path, id, "Answers.", |route| route.to(answer)).answers::<String>(200, "A word.")
}

fn api() -> Api {
    Api::new("Words", "1", "About words.")
}

fn document(api: &Api) -> Value {
    serde_json::from_str(&api.document()).unwrap()
}

#[actix_web::test]
async fn handlers_share_what_their_owner_gave_them_and_not_what_others_gave() {
    let ours = Operations::new([operation(Method::GET, "/ours", "ours")]).share("ours".to_owned());
    let theirs = Operations::new([operation(Method::GET, "/theirs", "theirs")]).share("theirs".to_owned());
    let api = api().add("a", "", ours).add("b", "", theirs);
    let app = init_service(App::new().configure(|site| api.routes(site))).await;

    for (path, word) in [("/ours", "\"ours\""), ("/theirs", "\"theirs\"")] {
        let body = call_and_read_body(&app, TestRequest::get().uri(path).to_request()).await;
        assert_eq!(body, word);
    }
}

#[actix_web::test]
async fn a_word_in_a_path_comes_before_a_parameter() {
    let list = [operation(Method::GET, "/x/{id}", "one"), operation(Method::GET, "/x/all", "all")];
    let (one, all) = (list[0].clone(), list[1].clone());
    let api = api().add("a", "", Operations::new([one]).share("one".to_owned())).add(
        "b",
        "",
        Operations::new([all]).share("all".to_owned()),
    );
    let app = init_service(App::new().configure(|site| api.routes(site))).await;

    let body = call_and_read_body(&app, TestRequest::get().uri("/x/all").to_request()).await;

    assert_eq!(body, "\"all\"");
}

#[actix_web::test]
async fn owners_with_a_path_in_common_find_there_what_each_of_them_shares() {
    async fn count(number: web::Data<u64>) -> HttpResponse {
        HttpResponse::Ok().json(**number)
    }
    let count = Operation::new(Method::POST, "/x", "count", "Counts.", |route| route.to(count));
    let api = api()
        .add("a", "", Operations::new([operation(Method::GET, "/x", "word")]).share("word".to_owned()))
        .add("b", "", Operations::new([count.answers::<u64>(200, "A number.")]).share(7_u64));
    let app = init_service(App::new().configure(|site| api.routes(site))).await;

    for (request, body) in [(TestRequest::get(), "\"word\""), (TestRequest::post(), "7")] {
        assert_eq!(call_and_read_body(&app, request.uri("/x").to_request()).await, body);
    }
}

#[test]
fn a_name_or_a_place_that_is_taken_is_left_out() {
    let second = vec![
        operation(Method::GET, "/x", "other"),
        operation(Method::GET, "/y", "first"),
        operation(Method::POST, "/x", "third"),
    ];
    let api = api().add("a", "", vec![operation(Method::GET, "/x", "first")]).add("b", "", second);

    let ids: Vec<&str> = api.operations().map(Operation::id).collect();
    assert_eq!(ids, ["getDocument", "first", "third"]);
}

#[test]
fn the_document_tells_all_that_an_operation_says() {
    let header = Header { name: "Squall-Actor", about: "Who.", example: "ada" };
    let list = vec![
        operation(Method::POST, "/x/{n}/{name}", "do")
            .number_in_path("n", "A number.")
            .header(header)
            .query::<Wanted>()
            .may_take::<Wanted>(r#"{"of": "it"}"#)
            .answers_as::<String>(200, "text/plain", "The same as text."),
    ];
    let document = document(&api().add("words", "About them.", list));
    let described = &document["paths"]["/x/{n}/{name}"]["post"];

    assert_eq!(described["operationId"], "do");
    assert_eq!(described["tags"], json!(["words"]));
    assert_eq!(
        described["parameters"],
        json!([
            {"name": "n", "in": "path", "required": true, "description": "A number.", "schema": {"type": "integer", "minimum": 0}},
            {"name": "name", "in": "path", "required": true, "description": "Answers.", "schema": {"type": "string", "minLength": 1}},
            {"name": "Squall-Actor", "in": "header", "description": "Who.", "schema": {"type": "string"}, "example": "ada"},
            {"name": "limit", "in": "query", "required": false, "description": "How many.",
             "schema": {"type": "integer", "format": "uint8", "minimum": 1, "maximum": 9}},
            {"name": "of", "in": "query", "required": true, "description": "Answers.", "schema": {"type": "string"}},
        ])
    );
    assert_eq!(described["requestBody"]["required"], false);
    let answers: Vec<&String> = described["responses"].as_object().unwrap().keys().collect();
    assert_eq!(answers, ["200", "400", "401", "403", "404", "408", "413", "415", "421", "422", "431", "503"]);
    let content: Vec<&String> =
        described["responses"]["200"]["content"].as_object().unwrap().keys().collect();
    assert_eq!(content, ["application/json", "text/plain"]);
    assert!(document["components"]["responses"]["NotAllowed"].is_object());
}

#[test]
fn what_only_reads_is_not_said_to_be_refused_for_writing() {
    let document = document(&api().add("a", "", vec![operation(Method::GET, "/x", "x")]));

    assert!(document["paths"]["/x"]["get"]["responses"].get("403").is_none());
}
