//! A topology as data: builder, plan, validation, settings.
