//! Phases, options, outcomes of migrations.
