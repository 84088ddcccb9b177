//! How single words and figures are written in a language.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Lang, Sentence, TemplateError, Wording};

/// A word, or a mark in a figure, that messages of all rooms share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Word {
    /// Why there is no number: nothing to compare with.
    NoBase,
    /// Nothing was recorded.
    NothingRecorded,
    /// It makes no sense here.
    NotApplicable,
    /// It is not known yet.
    NotYetDue,
    /// The number is too large.
    OutOfRange,
    /// The period that is asked about is not there.
    NoHistory,
    /// Fewer values are known than are needed.
    TooFew,
    /// The mildest severity.
    Info,
    /// The next one.
    Warning,
    /// The next one.
    Serious,
    /// The gravest.
    Critical,
    /// Between groups of three digits.
    GroupMark,
    /// Before the decimals.
    DecimalMark,
    /// A share: `{number}`.
    Percent,
    /// Money, where the currency has no wording of its own: `{currency}`, `{number}`, `{scale}`.
    Money,
    /// What an amount of ten thousands is followed by; nothing where amounts are written in full.
    TenThousands,
    /// What an amount of hundred millions is followed by; nothing where amounts are written in full.
    HundredMillions,
    /// Between the names of a list.
    ListMark,
    /// Between parts of a sentence.
    PartMark,
    /// A figure of a period that still runs: `{figure}`.
    SoFar,
}

impl Sentence for Word {
    fn all() -> &'static [Self] {
        &[
            Self::NoBase,
            Self::NothingRecorded,
            Self::NotApplicable,
            Self::NotYetDue,
            Self::OutOfRange,
            Self::NoHistory,
            Self::TooFew,
            Self::Info,
            Self::Warning,
            Self::Serious,
            Self::Critical,
            Self::GroupMark,
            Self::DecimalMark,
            Self::Percent,
            Self::Money,
            Self::TenThousands,
            Self::HundredMillions,
            Self::ListMark,
            Self::PartMark,
            Self::SoFar,
        ]
    }

    fn places(self) -> &'static [&'static str] {
        match self {
            Self::Percent => &["number"],
            Self::Money => &["currency", "number", "scale"],
            Self::SoFar => &["figure"],
            _ => &[],
        }
    }

    fn shipped(self, language: Lang) -> Option<&'static str> {
        let words = match self {
            Self::NoBase => ["nothing to compare with", "无对比基数"],
            Self::NothingRecorded => ["no record", "无记录"],
            Self::NotApplicable => ["not applicable", "不适用"],
            Self::NotYetDue => ["not yet due", "未到期"],
            Self::OutOfRange => ["number too large", "数值过大"],
            Self::NoHistory => ["no history", "无历史数据"],
            Self::TooFew => ["too little data", "数据不足"],
            Self::Info => ["info", "提示"],
            Self::Warning => ["warning", "关注"],
            Self::Serious => ["serious", "严重"],
            Self::Critical => ["critical", "紧急"],
            Self::GroupMark => [",", ","],
            Self::DecimalMark => [".", "."],
            Self::Percent => ["{number}%", "{number}%"],
            Self::Money => ["{currency} {number}{scale}", "{number} {scale}{currency}"],
            Self::TenThousands => ["", "万"],
            Self::HundredMillions => ["", "亿"],
            Self::ListMark => [", ", "、"],
            Self::PartMark => ["; ", "；"],
            Self::SoFar => ["{figure} so far", "截至目前 {figure}"],
        };
        [Lang::EN, Lang::ZH]
            .iter()
            .position(|shipped| *shipped == language)
            .map(|at| words[at])
    }
}

/// A language with the words and marks that messages of all rooms share, and the names of currencies.
///
/// What ships for the language is used, English for what does not, and a host replaces any of it.
///
/// ```
/// use quotaflow::text::{Digits, Lang, Locale, Word};
/// let amount = "1234567.80".parse()?;
/// let cny = quotaflow::measure::Currency::new("CNY")?;
/// assert_eq!(Locale::EN.money(amount, cny, Digits::Places(2)).as_deref(), Some("CNY 1,234,567.80"));
/// assert_eq!(Locale::ZH.money(amount, cny, Digits::Places(2)).as_deref(), Some("123.46 万元"));
/// assert_eq!(Locale::ZH.in_full().money(amount, cny, Digits::Places(2)).as_deref(), Some("1,234,567.80 元"));
/// # Ok::<(), quotaflow::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locale {
    words: Wording<Word>,
    /// Money by its code, `{number}` and `{scale}` in place of the amount.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "crate::document::keys_once"
    )]
    currencies: BTreeMap<String, String>,
    /// Whether large amounts are written in full.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    in_full: bool,
}

impl Locale {
    /// English.
    pub const EN: Self = Self::new(Lang::EN);
    /// Chinese.
    pub const ZH: Self = Self::new(Lang::ZH);

    /// Returns the words and marks that ship for a language, English for what does not.
    #[must_use]
    pub const fn new(lang: Lang) -> Self {
        Self {
            words: Wording::new(lang),
            currencies: BTreeMap::new(),
            in_full: false,
        }
    }

    /// Returns the language.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.words.lang()
    }

    /// Returns the locale with another word.
    ///
    /// # Errors
    /// As [`Wording::with`].
    pub fn with(mut self, word: Word, text: &str) -> Result<Self, TemplateError> {
        self.words = self.words.with(word, text)?;
        Ok(self)
    }

    /// Returns the locale in which amounts of this currency are written so: `{number} kr`.
    #[must_use]
    pub fn currency(mut self, code: &str, text: &str) -> Self {
        self.currencies.insert(code.to_owned(), text.to_owned());
        self
    }

    /// Returns the locale with large amounts of money written in full and not in ten thousands.
    #[must_use]
    pub fn in_full(mut self) -> Self {
        self.in_full = true;
        self
    }

    /// Returns a word.
    #[must_use]
    pub fn word(&self, word: Word) -> &str {
        self.words.text(word)
    }

    /// Says a word with values in its places.
    #[must_use]
    pub(crate) fn say(&self, word: Word, values: &[(&str, &str)]) -> String {
        self.words.say(word, values)
    }

    /// Returns how an amount of this currency is written, where that is not as [`Word::Money`] says.
    pub(super) fn currency_text(&self, code: &str) -> Option<&str> {
        const CHINESE: [(&str, &str); 10] = [
            ("CNY", "{number} {scale}元"),
            ("USD", "{number} {scale}美元"),
            ("EUR", "{number} {scale}欧元"),
            ("GBP", "{number} {scale}英镑"),
            ("JPY", "{number} {scale}日元"),
            ("HKD", "{number} {scale}港元"),
            ("TWD", "新台币 {number} {scale}元"),
            ("KRW", "{number} {scale}韩元"),
            ("SGD", "{number} {scale}新加坡元"),
            ("CHF", "{number} {scale}瑞士法郎"),
        ];
        let own = self.currencies.get(code).map(String::as_str);
        let shipped = || {
            let chinese = self.lang().language() == Lang::ZH;
            CHINESE
                .iter()
                .find(|(known, _)| chinese && *known == code)
                .map(|(_, text)| *text)
        };
        own.or_else(shipped)
    }

    pub(super) fn is_in_full(&self) -> bool {
        self.in_full
    }
}
