//! Who acts: every change of the data file has an actor in its audit line.

use crate::named::named;

named! {
    /// Who did something. Audit lines hold the name and hash it, so a name never changes.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Actor {
        /// The engine, by itself.
        Engine = "engine",
        /// A browser that came back from a bank's page.
        Browser = "browser",
        /// The person at the shop, as long as a shop has no people of its own.
        Owner = "owner",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_in_every_data_file() {
        assert_eq!(Actor::ALL.map(Actor::name), ["engine", "browser", "owner"]);
        assert_eq!(Actor::ALL.map(Actor::name).map(Actor::parse), Actor::ALL.map(Some));
        assert_eq!(Actor::parse("Owner"), None);
    }
}
