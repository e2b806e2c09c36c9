//! What decided one group's part, by kind of group.

use domain::group::Star;
use domain::settlement::Basis;
use poem_openapi::{Object, Union};

/// What decided a line, told apart by `case`.
#[derive(Union)]
#[oai(discriminator_name = "case", one_of = true)]
pub enum LineBasis {
    /// A new group pays by its star.
    #[oai(mapping = "new")]
    New(NewGroupBasis),
    /// An old group pays by its repeat rate.
    #[oai(mapping = "old")]
    Old(OldGroupBasis),
    /// Ad revenue is passed on whole.
    #[oai(mapping = "ad")]
    Ad(AdBasis),
}

/// A new group pays by its star. Amounts and factors are decimal strings.
#[derive(Object)]
pub struct NewGroupBasis {
    /// Code of the group's own template.
    template: String,
    /// Its version.
    version: i32,
    star: Star,
    /// Yuan a day.
    profit: String,
    /// Yuan a day on top for the user alone.
    activity_profit: String,
    /// Factor; 1 when the template has none, or 0.
    rate: String,
    /// Part of the master.
    father: String,
    /// Part of the grand-master.
    grand_father: String,
}

/// An old group pays by its repeat rate.
#[derive(Object)]
pub struct OldGroupBasis {
    /// Whether the user owns the chat group.
    owned: bool,
    /// From 0 to 1, a decimal string; 0 pays in full.
    repeat_rate: String,
}

/// Ad revenue is passed on whole. Amounts and factors are decimal strings.
#[derive(Object)]
pub struct AdBasis {
    /// Yuan.
    amount: String,
    /// Part of the master.
    father: String,
    /// Part of the grand-master.
    grand_father: String,
}

impl From<Basis> for LineBasis {
    fn from(basis: Basis) -> Self {
        match basis {
            Basis::New {
                template,
                version,
                star,
                profit,
                activity_profit,
                rate,
                father,
                grand_father,
            } => LineBasis::New(NewGroupBasis {
                template,
                version,
                star,
                profit: profit.to_string(),
                activity_profit: activity_profit.to_string(),
                rate: rate.to_string(),
                father: father.to_string(),
                grand_father: grand_father.to_string(),
            }),
            Basis::Old { owned, repeat_rate } => LineBasis::Old(OldGroupBasis {
                owned,
                repeat_rate: repeat_rate.to_string(),
            }),
            Basis::Ad {
                amount,
                father,
                grand_father,
            } => LineBasis::Ad(AdBasis {
                amount: amount.to_string(),
                father: father.to_string(),
                grand_father: grand_father.to_string(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem_openapi::types::ToJSON;

    #[test]
    fn a_basis_is_shown_as_it_is_kept() {
        let kept = Basis::Ad {
            amount: "0.48".parse().unwrap(),
            father: "0.10".parse().unwrap(),
            grand_father: "0.03".parse().unwrap(),
        };
        let old = Basis::Old {
            owned: true,
            repeat_rate: "0.3".parse().unwrap(),
        };
        for basis in [kept, old] {
            let json = serde_json::to_value(&basis).unwrap();
            assert_eq!(LineBasis::from(basis).to_json().unwrap(), json);
        }
    }
}
