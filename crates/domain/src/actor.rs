//! Who acts: every change of the data file has an actor in its audit line.

use serde::{Deserialize, Serialize};

use crate::ids::PersonId;

/// Who did something. Audit lines hold the name and hash it, so a name never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// The engine, by itself: `engine`.
    Engine,
    /// A browser that came back from a bank's page: `browser`.
    Browser,
    /// The person at the shop, as long as the shop has no people: `owner`.
    Owner,
    /// One of the shop's people: its UUID, which stays when the name is erased.
    Person(PersonId),
}

impl Actor {
    /// The name in rows and audit lines.
    pub fn name(self) -> String {
        match self {
            Self::Engine => "engine".to_owned(),
            Self::Browser => "browser".to_owned(),
            Self::Owner => "owner".to_owned(),
            Self::Person(id) => id.to_string(),
        }
    }

    /// Reads the name; nothing but the exact text is one.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "engine" => Some(Self::Engine),
            "browser" => Some(Self::Browser),
            "owner" => Some(Self::Owner),
            id => PersonId::parse(id).map(Self::Person).filter(|actor| actor.name() == id),
        }
    }

    /// A human being, with a name of their own or without.
    pub const fn is_human(self) -> bool {
        match self {
            Self::Owner | Self::Person(_) => true,
            Self::Engine | Self::Browser => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_in_every_data_file() {
        let person = Actor::Person(PersonId::from_bytes([0xAB; 16]));
        let all = [Actor::Engine, Actor::Browser, Actor::Owner, person];
        let names = ["engine", "browser", "owner", "abababab-abab-abab-abab-abababababab"];
        assert_eq!(all.map(Actor::name), names);
        assert_eq!(names.map(Actor::parse), all.map(Some));
        for other in ["Owner", "", "ABABABAB-abab-abab-abab-abababababab", "abababababababababababababababab"]
        {
            assert_eq!(Actor::parse(other), None, "{other}");
        }
        assert_eq!(all.map(Actor::is_human), [false, false, true, true]);
    }
}
