//! Enums with a name per variant: what rows, JSON and scripts hold. A variant cannot be left out of
//! `ALL`, nor be without a name.

/// Declares an enum from variants of the form `Variant = "name"`, with `ALL`, `name` and `parse`.
#[macro_export]
macro_rules! named {
    (
        $(#[$meta:meta])*
        pub enum $enum:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)* }
    ) => {
        $(#[$meta])*
        pub enum $enum { $($(#[$doc])* $variant,)* }

        impl $enum {
            /// Every variant, in the order of the declaration.
            pub const ALL: [Self; { [$($name),*].len() }] = [$(Self::$variant),*];

            /// The name in rows, JSON and scripts: kebab-case.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Reads the name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|variant| variant.name() == name)
            }
        }
    };
}

pub(crate) use named;
