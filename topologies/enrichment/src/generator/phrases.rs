//! What the people of the generator write.

/// Phrases in the languages of a public feed, each with the code that a client would put into `langs` and its
/// weight among a hundred posts.
pub(super) const PHRASES: &[(&str, u32, &[&str])] = &[
    (
        "en",
        46,
        &[
            "The ferry was late again this morning, but the light over the harbour made up for it.",
            "Does anybody know a good book about bridges? Asking for a friend who is building one.",
            "I have been told that this soup needs more salt. I have been told wrong.",
            "Three hours of meetings, and what we decided is when to meet next.",
            "My neighbour's cat has opinions about the new fence and shares them at four in the morning.",
            "Finally finished the shelf. It is almost level, and I am almost proud of it.",
            "It rains sideways here today, so I am baking bread.",
            "Watching the match with the sound off is so much better, try it.",
            "Small update on the garden: the tomatoes have won, we surrender.",
            "Who else is still awake and pretending to work?",
        ],
    ),
    (
        "ja",
        19,
        &[
            "今朝は霧が深くて、橋の向こうがまったく見えなかった。",
            "新しい喫茶店のプリン、思ったより固めでとても好みでした。",
            "電車が止まっているので、本を読みながらのんびり待っています。",
            "今日はもう何もしないと決めた。おやすみなさい。",
            "庭の朝顔がやっと咲きました。青くてきれいです。",
        ],
    ),
    (
        "pt",
        11,
        &[
            "Hoje o café saiu forte demais, mas o dia também vai ser longo.",
            "Alguém mais está ouvindo essa chuva toda na janela?",
            "Terminei o livro ontem à noite e ainda não sei o que pensar dele.",
            "O ônibus passou na minha frente e não parou, bom dia para todos.",
        ],
    ),
    (
        "de",
        6,
        &[
            "Der Zug hat heute nur zwölf Minuten Verspätung, ich bin beinahe enttäuscht.",
            "Wir haben im Garten einen Igel gefunden und nennen ihn Herrn Schmidt.",
            "Kann mir jemand erklären, warum der Drucker immer freitags streikt?",
        ],
    ),
    (
        "es",
        5,
        &[
            "Esta mañana el mercado olía a pan recién hecho y a naranjas.",
            "No encuentro las llaves, pero he encontrado las del año pasado.",
            "¿Soy la única persona que todavía escribe cartas a mano?",
        ],
    ),
    ("ko", 3, &["오늘은 하늘이 정말 맑아서 산책을 오래 했어요.", "새로 산 커피가 생각보다 훨씬 맛있네요."]),
    (
        "fr",
        3,
        &[
            "La boulangerie du coin ferme en août, c'est une catastrophe nationale.",
            "Il a neigé toute la nuit et personne ne veut sortir le chien.",
        ],
    ),
    ("ru", 2, &["Сегодня наконец-то выглянуло солнце, и весь двор вышел гулять."]),
    ("tr", 2, &["Bu sabah vapurda çay içerken martıları izlemek çok güzeldi."]),
    ("ar", 1, &["صباح الخير للجميع، الجو اليوم جميل جدا والبحر هادئ."]),
    ("th", 1, &["เช้านี้ฝนตกหนักมาก แต่กาแฟยังอร่อยเหมือนเดิม"]),
    ("it", 1, &["Stamattina il treno era pieno, ma ho trovato un posto vicino al finestrino."]),
];

/// What is put behind some of the phrases.
pub(super) const TAILS: &[&str] =
    &[" 😂", " 💦🔥", " #photography", " #今日の空", " @ada.example.com", "!!!", " \n\n🧵 1/3"];

/// Posts that have no words.
pub(super) const WORDLESS: &[&str] = &["", "😂😂😂", "🌊", "#caturday", "@ada.example.com"];
