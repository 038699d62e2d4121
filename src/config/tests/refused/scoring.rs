//! What is refused of queries, presets and models.

/// A file of `testdata` and the one fault that is found in it.
pub(super) const RULES: &[(&str, &str)] = &[
    (
        "data_range",
        "line 2: queries[0].data_range: begins at 1, which is not below its end 0; write the lowest and the highest value that can be, for example [0, 1] or [0, .inf]",
    ),
    (
        "data_range_of_one",
        "line 2: queries[0].data_range: must be a list of two numbers, not of 1; write the lowest and the highest value that can be, for example [0, 1] or [0, .inf]",
    ),
    (
        "data_range_of_text",
        "line 2: queries[0].data_range: must be a list of two numbers, not text; write the lowest and the highest value that can be, for example [0, 1] or [0, .inf]",
    ),
    ("min_duration", "line 2: queries[0].min_duration: must be from 0s to 7h, not 8h"),
    (
        "min_relative_deviation",
        "line 2: queries[0].min_relative_deviation: must be a finite number of at least 0, not -0.1",
    ),
    (
        "scoring_time_zone",
        "line 1: scoring.time_zone: names no time zone known here: 'Mars/Olympus'; write for example Europe/Berlin or UTC",
    ),
    ("direction", "line 2: queries[0].direction: 'up' is not one of above, below, both"),
    ("duplicate_key", "line 4: scoring.interval: is given twice, first on line 2; keep one of the two"),
    ("duration_of_a_kind", "line 1: scoring.interval: must be a duration such as 30s, 5m or 14d, not a list"),
    ("duration_too_long", "line 1: scoring.interval: must be from 1s to 1d, not 2d"),
    (
        "duration_without_unit",
        "line 1: scoring.interval: is a duration without a unit; write for example 30s, 5m or 14d",
    ),
    ("empty_text", "line 2: queries[0].expr: must not be empty"),
    (
        "false_alarms",
        "line 2: queries[0].false_alarms: 'seldom' is not a rate; write a count and a window, for example '1 per 30d' or '3/1h'",
    ),
    (
        "false_alarms_every_sample",
        "line 2: queries[0].false_alarms: allows every sample to alarm, as one comes each 1m; write fewer, for example 1 per 30d",
    ),
    (
        "history_shorter_than_interval",
        "line 1: scoring.history: must not be shorter than scoring.interval, which is 1h",
    ),
    (
        "hold_with_no_matchers",
        "line 1: scoring.hold_learning.while_firing: must not be empty; write at least one matcher, for example severity=\"critical\"",
    ),
    (
        "hold_without_matchers",
        "line 1: queries[0].hold_learning.while_firing: is required; write at least one matcher, for example severity=\"critical\"",
    ),
    (
        "holiday_date",
        "line 2: queries[0].holidays[0].dates[0]: is not a date: 'christmas'; write for example 2026-12-25",
    ),
    ("holiday_window", "line 2: queries[0].holidays[0].lower_window: must be from -30 to 0, not 1"),
    ("list_not_a_list", "line 1: queries: must be a list, not a mapping"),
    (
        "maintenance_day",
        "line 1: scoring.maintenance[0].weekdays[0]: 'sun' is not one of monday, tuesday, wednesday, thursday, friday, saturday, sunday",
    ),
    ("maintenance_ends_before_it_starts", "line 1: scoring.maintenance[0].ends: must be after starts"),
    ("maintenance_from_midnight", "line 1: scoring.maintenance[0].from: must be before '24:00'"),
    (
        "maintenance_local_time",
        "line 1: scoring.maintenance[0].from: must be a local time in quotes, from '00:00' to '24:00'",
    ),
    ("maintenance_name", "line 1: scoring.maintenance[0].name: must have at most 64 bytes"),
    (
        "maintenance_time",
        "line 1: scoring.maintenance[0].starts: must be a time with its offset from UTC, as in 2026-11-28T22:00:00Z",
    ),
    ("maintenance_too_many", "line 2: scoring.maintenance: has more than 100 windows; join some"),
    (
        "maintenance_without_days",
        "line 1: scoring.maintenance[0].weekdays: is required; write the days it begins on, for example [saturday, sunday], or starts and ends for once",
    ),
    (
        "maintenance_without_length",
        "line 1: scoring.maintenance[0].to: must differ from from; '00:00' to '24:00' is the whole day",
    ),
    ("min_deviation_nan", "line 2: queries[0].min_deviation: must be a finite number of at least 0, not NaN"),
    (
        "min_deviation_negative",
        "line 2: queries[0].min_deviation: must be a finite number of at least 0, not -1",
    ),
    ("model", "line 2: queries[0].model: 'prophecy' is not one of auto, seasonal, prophet"),
    (
        "model_budget",
        "line 3: models[0].false_alarms: allows every sample to alarm, as one comes each 1m; write fewer, for example 1 per 30d",
    ),
    ("model_group_by_twice", "line 3: models[0].group_by: names a label twice; keep one of the two"),
    (
        "model_label",
        "line 3: models[0].group_by[0]: is not a label name; write a letter or _, then letters, digits, _, 64 characters at most",
    ),
    (
        "model_name_of_a_preset",
        "line 2: models[0].name: 'node_cpu_busy' is the name of a built-in query already; choose another",
    ),
    (
        "model_name_of_a_query",
        "line 3: models[0].name: 'a' is the name on line 1 already; names must differ, change one",
    ),
    (
        "model_queries_empty",
        "line 3: models[0].queries: must not be empty; name the queries whose series are scored together",
    ),
    (
        "model_query_misspelt",
        "line 3: models[0].queries[1]: 'totl_load' is not the name of a query; did you mean total_load?",
    ),
    ("model_query_twice", "line 3: models[0].queries: names a twice; keep one of the two"),
    (
        "model_query_unknown",
        "line 3: models[0].queries[1]: 'nothing_like_it' is not the name of a query; write one of your queries or of the presets in use",
    ),
    ("model_retrain_every", "line 3: models[0].retrain_every: must be from 1h to 30d, not 5m"),
    ("model_type", "line 3: models[0].type: 'forest' is not one of isolation_forest, pca"),
    (
        "model_without_group_by",
        "line 3: models[0].group_by: is required; name the labels that the series of a group share, for example [instance]; [] makes all of them one group",
    ),
    (
        "time_zone",
        "line 2: queries[0].time_zone: names no time zone known here: 'Mars/Olympus'; write for example Europe/Berlin or UTC",
    ),
    ("misspelt_required_key", "line 2: queries[0].nam: is not a known key; did you mean name?"),
    ("no_value", "line 2: scoring.interval: has no value; give it one or remove it"),
    ("not_a_boolean", "line 2: queries[0].bands: must be true or false without quotes, not text"),
    (
        "not_a_duration",
        "line 1: scoring.interval: '1 minute' is not a duration; write it as Prometheus does, for example 30s, 5m, 1h30m or 14d",
    ),
    ("not_text", "line 2: queries[0].expr: must be text, not a number; put it in quotes"),
    ("preset_twice", "line 1: presets[1]: is given twice; keep one of the two"),
    (
        "query_name",
        "line 2: queries[0].name: is not a query's name; write a letter or _, then letters, digits, _, 64 characters at most",
    ),
    (
        "query_name_twice",
        "line 3: queries[1].name: 'a' is the name on line 2 already; names must differ, change one",
    ),
    ("query_without_expr", "line 2: queries[0].expr: is required; write the PromQL expression to watch"),
    ("section_not_a_mapping", "line 1: scoring: must be a mapping of keys to values, not text"),
    (
        "tagged_value",
        "line 1: scoring.interval: must be a duration such as 30s, 5m or 14d, not a value with a tag",
    ),
    ("unknown_preset", "line 1: presets[1]: 'disk' is not one of node, up, http"),
    (
        "vanished_before_the_next_sample",
        "line 1: scoring.vanished_after: must not be shorter than scoring.interval, which is 1h",
    ),
];
