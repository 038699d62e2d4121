//! Carries out actions, each against a permit: nothing is done that was not written down first.
