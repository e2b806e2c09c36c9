use super::*;
use proptest::prelude::*;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn new(profit: &str, activity: &str, rate: &str) -> Basis {
    Basis::New {
        template: "DEFAULT".into(),
        version: 1,
        star: Star::Three,
        profit: decimal(profit),
        activity_profit: decimal(activity),
        rate: decimal(rate),
        father: decimal("0.10"),
        grand_father: decimal("0.03"),
    }
}

fn three(basis: &Basis) -> [String; 3] {
    let shares = shares(basis);
    [shares.user, shares.master, shares.grand_master].map(|share| share.to_string())
}

// Worked out by hand.
#[test]
fn the_worked_examples_hold() {
    assert_eq!(three(&new("3", "0", "1")), ["3.000000", "0.300000", "0.090000"]); // 1
    assert_eq!(
        three(&new("9", "1.5", "1.2")),
        ["12.600000", "1.080000", "0.324000"]
    ); // 2
    assert_eq!(
        three(&new("0.02", "0", "0")),
        ["0.020000", "0.002000", "0.000600"]
    ); // 3
    let old = |owned, rate: &str| Basis::Old {
        owned,
        repeat_rate: decimal(rate),
    };
    assert_eq!(three(&old(true, "0.35")), ["0.292500", "0.065000", "0.019500"]); // 4
    assert_eq!(three(&old(true, "0.8")), ["0.090000", "0.020000", "0.006000"]); // 5
    assert_eq!(three(&old(false, "0")), ["0.100000", "0.100000", "0.030000"]); // 10
    let ad = Basis::Ad {
        amount: decimal("2.56"),
        father: decimal("0.10"),
        grand_father: decimal("0.03"),
    };
    assert_eq!(three(&ad), ["2.560000", "0.256000", "0.076800"]); // 8
}

#[test]
fn a_share_between_two_sixth_decimals_goes_to_the_even_one() {
    let basis = Basis::Old {
        owned: false,
        repeat_rate: decimal("0.999995"),
    };
    assert_eq!(three(&basis)[0], "0.000000"); // 0.0000005
    let basis = Basis::Old {
        owned: false,
        repeat_rate: decimal("0.999985"),
    };
    assert_eq!(three(&basis)[0], "0.000002"); // 0.0000015
}

proptest! {
    #[test]
    fn shares_are_never_negative_and_masters_get_less(profit in 0i64..100_000, rate in 0i64..20_000, repeat in 0i64..=1_000_000) {
        for basis in [new(&Decimal::new(profit, 4).to_string(), "0", &Decimal::new(rate, 4).to_string()),
                      Basis::Old { owned: true, repeat_rate: Decimal::new(repeat, 6) }] {
            let shares = shares(&basis);
            prop_assert!(shares.grand_master.decimal() >= Decimal::ZERO);
            prop_assert!(shares.grand_master <= shares.master && shares.master <= shares.user);
        }
    }

    #[test]
    fn a_kept_basis_reads_back_as_itself(repeat in 0i64..=1_000_000, amount in 0i64..1_000_000_000) {
        for basis in [Basis::Old { owned: false, repeat_rate: Decimal::new(repeat, 6) },
                      Basis::Ad { amount: Decimal::new(amount, 4), father: decimal("0.1025"), grand_father: decimal("0.0305") },
                      new("0.6", "0.3333", "0.8537")] {
            let kept: Basis = serde_json::from_value(serde_json::to_value(&basis).unwrap()).unwrap();
            prop_assert_eq!(shares(&kept), shares(&basis));
        }
    }
}
