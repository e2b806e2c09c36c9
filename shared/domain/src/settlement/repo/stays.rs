//! Whose the ads of a date are. A chat group can be pulled, lost and pulled again by somebody else; each stay is a row of
//! `groups` under the same code.

/// The rule by which batches find the stay they pay. Kept with each batch; those from before it was written down have 1.
pub(in crate::settlement) const RULE: i16 = 2;

/// The query for the stay that earns the ads of a group code on a date, given as SQL: the code, the first instant of the
/// date and that of the next.
///
/// It is the stay that covered the date: bound on it or before, and not cancelled before it. Where two did, because one
/// was cancelled on the date and another bound after that, it is the one that was there first. Where none did, it is the
/// one that ended first after the date. In short: of the stays that were not over when the date began, the first.
pub(in crate::settlement) fn holder(code: &str, start: &str, end: &str) -> String {
    format!(
        "SELECT g.id FROM groups AS g
         WHERE g.code = {code} AND (g.cancelled_at IS NULL OR g.cancelled_at >= {start})
         ORDER BY g.bound_at < {end} DESC, g.cancelled_at NULLS LAST, g.bound_at, g.id LIMIT 1"
    )
}
