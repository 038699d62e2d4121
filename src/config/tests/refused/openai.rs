//! What is refused of the language model.

/// A file of `testdata` and the one fault that is found in it.
pub(super) const RULES: &[(&str, &str)] = &[
    ("openai_dollars_too_many", "line 1: explain.openai.prices.input: must be at most 1000000000 dollars"),
    (
        "openai_dollars_without_prices",
        "line 1: explain.openai.limits.dollars_per_day: needs prices beside limits: nobody else says what a token costs",
    ),
    (
        "openai_effort",
        "line 1: explain.openai.reasoning_effort: 'hard' is not one of none, minimal, low, medium, high",
    ),
    (
        "openai_inline_key",
        "line 1: explain.openai.api_key: must not stand in the file; put it in a file of its own and name that with api_key_file, or in an environment variable and name that with api_key_env",
    ),
    (
        "openai_model_with_spaces",
        "line 1: explain.openai.model: must have letters, digits and signs without spaces, 128 at most",
    ),
    (
        "openai_pattern",
        "line 1: explain.openai.redact.patterns[0]: is not a regular expression: unclosed group",
    ),
    (
        "openai_pattern_of_nothing",
        "line 1: explain.openai.redact.patterns[0]: matches the empty text; write a pattern that takes at least one character",
    ),
    (
        "openai_plain_http",
        "line 1: explain.openai.base_url: sends the key and the evidence over the network for everybody to read; use https, or write allow_plain_http: true beside it",
    ),
    (
        "openai_price_missing",
        "line 1: explain.openai.prices.output: is required; write dollars per million tokens, for example 0.25",
    ),
    (
        "openai_tokens_below_an_answer",
        "line 1: explain.openai.limits.tokens_per_day: must be above max_output_tokens (4096), or no request ever fits",
    ),
    (
        "openai_without_key",
        "line 1: explain.openai.api_key_file: is required; name a file, or with api_key_env an environment variable, that holds it",
    ),
    (
        "openai_without_model",
        "line 1: explain.openai.model: is required; write the model's name, for example gpt-5-mini",
    ),
];
