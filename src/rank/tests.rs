//! What the parts do together: small incidents as tables, and many made ones.

mod made;
mod small;
