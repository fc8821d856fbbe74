//! The rules for single values, and for lists of them.

use std::fmt;
use std::time::Duration;

use cardea_session::Lifetime;

use super::duration;
use super::raw::{Located, Raw};
use super::rule::{Misfit, Reading, Rule, Shape};
use super::words::Word;

/// `true` or `false`.
pub(super) struct Boolean;

impl Rule for Boolean {
    type Value = bool;

    fn shape(&self) -> Shape {
        Shape::Boolean
    }

    fn read(&self, value: &Located) -> Reading<bool> {
        match value.raw {
            Raw::Boolean(boolean) => Reading::fits(boolean),
            Raw::Text(_) | Raw::Integer(_) | Raw::List(_) | Raw::Table(_) | Raw::Unfit(_) => {
                Reading::misfit(Misfit::wrong(value, self.shape()))
            }
        }
    }

    fn show(&self, value: &bool) -> String {
        value.to_string()
    }
}

/// One word of a type.
pub(super) struct Choice<T>(std::marker::PhantomData<T>);

impl<T> Choice<T> {
    pub(super) const RULE: Self = Self(std::marker::PhantomData);
}

impl<T: Word> Rule for Choice<T> {
    type Value = T;

    fn shape(&self) -> Shape {
        Shape::Choice(T::WORDS.iter().map(|(word, _)| *word).collect())
    }

    fn read(&self, value: &Located) -> Reading<T> {
        let word = T::WORDS
            .iter()
            .find(|(word, _)| matches!(&value.raw, Raw::Text(text) if text == word));
        match word {
            Some((_, word)) => Reading::fits(*word),
            None => Reading::misfit(Misfit::wrong(value, self.shape())),
        }
    }

    fn show(&self, value: &T) -> String {
        format!("{:?}", value.word())
    }
}

/// A whole number.
pub(super) struct Number<T> {
    pub(super) min: T,
    pub(super) max: T,
}

impl<T: Copy + Into<i64> + TryFrom<i64> + fmt::Display> Rule for Number<T> {
    type Value = T;

    fn shape(&self) -> Shape {
        Shape::Number {
            min: self.min.into(),
            max: self.max.into(),
        }
    }

    fn read(&self, value: &Located) -> Reading<T> {
        let limits = self.min.into()..=self.max.into();
        if let Raw::Integer(number) = value.raw
            && limits.contains(&number)
            && let Ok(number) = T::try_from(number)
        {
            return Reading::fits(number);
        }
        Reading::misfit(Misfit::wrong(value, self.shape()))
    }

    fn show(&self, value: &T) -> String {
        value.to_string()
    }
}

/// A duration.
pub(super) struct Span {
    pub(super) min: Duration,
    pub(super) max: Duration,
}

impl Span {
    fn within(&self, value: &Located) -> Option<Duration> {
        if let Raw::Text(text) = &value.raw {
            duration::parse(text).filter(|span| (self.min..=self.max).contains(span))
        } else {
            None
        }
    }

    fn shape_or(&self, or: Option<&'static str>) -> Shape {
        Shape::Duration {
            min: self.min,
            max: self.max,
            or,
        }
    }
}

impl Rule for Span {
    type Value = Duration;

    fn shape(&self) -> Shape {
        self.shape_or(None)
    }

    fn read(&self, value: &Located) -> Reading<Duration> {
        match self.within(value) {
            Some(span) => Reading::fits(span),
            None => Reading::misfit(Misfit::wrong(value, self.shape())),
        }
    }

    fn show(&self, value: &Duration) -> String {
        format!("{:?}", duration::show(*value))
    }
}

/// A duration, or `"id_token"`.
pub(super) struct LifetimeSpan(pub(super) Span);

impl LifetimeSpan {
    const ID_TOKEN: &'static str = "id_token";
}

impl Rule for LifetimeSpan {
    type Value = Lifetime;

    fn shape(&self) -> Shape {
        self.0.shape_or(Some(Self::ID_TOKEN))
    }

    fn read(&self, value: &Located) -> Reading<Lifetime> {
        if matches!(&value.raw, Raw::Text(text) if text == Self::ID_TOKEN) {
            return Reading::fits(Lifetime::IdToken);
        }
        match self.0.within(value) {
            Some(span) => Reading::fits(Lifetime::Limit(span)),
            None => Reading::misfit(Misfit::wrong(value, self.shape())),
        }
    }

    fn show(&self, value: &Lifetime) -> String {
        match value {
            Lifetime::Limit(span) => self.0.show(span),
            Lifetime::IdToken => format!("{:?}", Self::ID_TOKEN),
        }
    }
}

/// A list, each by the same rule. A list in a higher place replaces one in a lower.
pub(super) struct List<R> {
    pub(super) each: R,
    pub(super) max: usize,
}

impl<R: Rule<Value: PartialEq>> Rule for List<R> {
    type Value = Vec<R::Value>;

    fn shape(&self) -> Shape {
        Shape::List {
            each: Box::new(self.each.shape()),
            max: self.max,
        }
    }

    fn read(&self, value: &Located) -> Reading<Self::Value> {
        let Raw::List(items) = &value.raw else {
            return Reading::misfit(Misfit::wrong(value, self.shape()));
        };
        if items.len() > self.max {
            let found = format!("a list of {}", items.len());
            return Reading::misfit(Misfit::found(value, found, self.shape()));
        }
        let mut values = Vec::new();
        let mut misfits = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let reading = self.each.read(item);
            misfits.extend(
                reading
                    .misfits
                    .into_iter()
                    .map(|m| m.within(format_args!("[{index}]"))),
            );
            values.extend(reading.value);
        }
        Reading {
            value: Some(values),
            misfits,
        }
    }

    fn show(&self, values: &Self::Value) -> String {
        let shown: Vec<_> = values.iter().map(|value| self.each.show(value)).collect();
        format!("[{}]", shown.join(", "))
    }
}

/// What may have a secret in it: nothing of it is shown when it does not fit.
pub(super) struct Unshown<R>(pub(super) R);

impl<R: Rule> Rule for Unshown<R> {
    type Value = R::Value;

    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn read(&self, value: &Located) -> Reading<Self::Value> {
        let reading = self.0.read(value);
        // What is no value at all has nothing to show.
        let is_value = !matches!(value.raw, Raw::Unfit(_));
        let unshown = |misfit: Misfit| match is_value {
            true => misfit.unshown(),
            false => misfit,
        };
        let misfits = reading.misfits.into_iter().map(unshown);
        Reading {
            value: reading.value,
            misfits: misfits.collect(),
        }
    }

    fn show(&self, value: &Self::Value) -> String {
        self.0.show(value)
    }
}
