use super::*;

fn detected(text: &str) -> Language {
    Language::detect(text).unwrap().language
}

fn confidence(text: &str) -> f32 {
    Language::detect(text).unwrap().confidence
}

#[test]
fn a_long_text_in_one_language_is_surer_than_a_short_or_a_mixed_one() {
    let german = "Der Zug hat heute nur zwölf Minuten Verspätung, ich bin beinahe enttäuscht.";
    let mixed = "Der Zug hat heute zwölf Minuten Verspätung. What a lovely morning it is, is it not? \
                 Il fait vraiment beau aujourd'hui.";

    assert!(confidence(german) > 0.85, "{}", confidence(german));
    assert!(confidence(mixed) < 0.7, "{}", confidence(mixed));
    assert!(confidence("ja gut") < 0.5, "{}", confidence("ja gut"));
    assert!(confidence("今日はとても天気がいいですね。") > 0.7, "a script without blanks is cut too");
}

#[test]
fn every_text_has_a_confidence_from_zero_to_one() {
    for text in ["a", "é", "ab cd", "日", "日本", "x y z w", "ü".repeat(10_000).as_str()] {
        assert!((0.0..=1.0).contains(&confidence(text)), "{text}");
    }
}

#[test]
fn a_language_survives_the_way_through_json() {
    for language in Language::ALL {
        let Outcome::Found(json) = language.json(0.5) else { panic!("it was found") };
        assert_eq!(Language::of_json(&json), Some(language), "{json}");
    }
}

#[test]
fn sixteen_languages_are_told_apart() {
    let texts = [
        (Language::Arabic, "صباح الخير، كيف حالك اليوم؟"),
        (Language::Chinese, "今天天气很好，我们去公园散步吧。"),
        (Language::Dutch, "Goedemorgen allemaal, het regent alweer in Utrecht."),
        (Language::English, "The weather is lovely this morning, is it not?"),
        (Language::French, "Bonjour à tous, il fait vraiment beau aujourd'hui."),
        (Language::German, "Guten Morgen, heute scheint endlich die Sonne wieder."),
        (Language::Hindi, "आज मौसम बहुत अच्छा है, चलो बाहर चलते हैं।"),
        (Language::Italian, "Buongiorno a tutti, oggi finalmente c'è il sole."),
        (Language::Japanese, "今日はとても天気がいいですね。散歩に行きましょう。"),
        (Language::Korean, "오늘은 날씨가 정말 좋네요. 산책하러 갈까요?"),
        (Language::Portuguese, "Bom dia, hoje finalmente não está chovendo aqui."),
        (Language::Russian, "Доброе утро, сегодня наконец-то светит солнце."),
        (Language::Spanish, "Buenos días, hoy por fin hace sol y mucho calor."),
        (Language::Swedish, "God morgon, i dag skiner äntligen solen igen här."),
        (Language::Turkish, "Günaydın, bugün hava çok güzel, yürüyüşe çıkalım mı?"),
        (Language::Vietnamese, "Chào buổi sáng, hôm nay thời tiết rất đẹp."),
    ];

    for (language, text) in texts {
        assert_eq!(detected(text), language, "{text}");
    }
}

#[test]
fn what_says_nothing_about_the_language_is_left_out() {
    for (text, plain) in [
        ("see https://example.com/a/b?c=d now", "see now"),
        ("みて https://example.com/すごい", "みて すごい"),
        ("みてhttps://example.com/すごい", "みて すごい"),
        ("(@ada.example) hi @bob, #tag ＃タグ", "hi"),
        ("www.example.com/watch?v=V5lD... ok", "ok"),
        ("example.com/2113523 V souvislosti", "V souvislosti"),
        ("and/or 1/2 # @ C# a@b", "and/or 1/2 # @ C# a@b"),
        ("end.Begin of it", "end.Begin of it"),
        ("<p>one<br/>two &lt; <a href=\"https://example.com\">three</a></p>", "one two &lt; three"),
        ("I <3 you, 1 < 2 > 0 </", "I <3 you, 1 < 2 > 0 </"),
        (" \n\t ", ""),
    ] {
        assert_eq!(plain_text(text), plain, "{text}");
    }
}

#[test]
fn a_language_that_cannot_be_told_has_its_reason() {
    for (text, why) in [
        ("", Missing::NO_TEXT),
        ("https://example.com @ada.example #tag", Missing::NO_TEXT),
        ("😂😂 12:30 !!!", Missing::NO_LETTERS),
        ("สวัสดีตอนเช้า วันนี้อากาศดีมาก", Missing::UNKNOWN_SCRIPT),
        ("Καλημέρα σε όλους", Missing::UNKNOWN_SCRIPT),
        ("בוקר טוב לכולם", Missing::UNKNOWN_SCRIPT),
    ] {
        assert_eq!(Language::detect(text).unwrap_err(), why, "{text}");
    }
}

#[test]
fn a_megabyte_of_text_has_the_language_of_its_beginning() {
    let text = "Vielen Dank für die schönen Bilder! ".repeat(30_000);

    assert_eq!(detected(&text), Language::German);
    assert_eq!(Language::detect(&"\u{1f600}".repeat(300_000)).unwrap_err(), Missing::NO_LETTERS);
}

#[test]
fn codes_are_those_of_the_detector() {
    for lang in whichlang::LANGUAGES {
        assert_eq!(Language::from(lang).iso639_3(), lang.three_letter_code());
    }
}
