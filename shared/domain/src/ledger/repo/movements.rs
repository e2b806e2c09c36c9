//! Everything that moved a user's wallet, each with the balances after it.
//!
//! The balances are reckoned back from the wallet, so the newest are the wallet's, and what left for the archive is not
//! missed. What moved is in the slips, and for what waits for a payout in the withdrawals: lines of postings have no index
//! by user.

use crate::ledger::model::{AmountType, Direction};
use chrono::{DateTime, Utc};
use kernel::clock::BusinessDate;
use kernel::dates::DateRange;
use kernel::error::Result;
use kernel::id::{PostingId, RunId, SlipId, UserId, WithdrawalId};
use kernel::listing::Listing;
use kernel::money::Money;
use kernel::page::{Page, Paged};
use poem_openapi::Object;
use sea_orm::{ConnectionTrait, FromQueryResult};

kernel::named! {
    /// Why a wallet moved.
    pub enum MovementKind {
        /// Income of own groups.
        Groups = "groups",
        /// Income of own ads.
        Ads = "ads",
        /// Income of disciples' groups.
        DiscipleGroups = "disciple_groups",
        /// Income of disciples' ads.
        DiscipleAds = "disciple_ads",
        /// An activity of the house.
        Activity = "activity",
        /// An operator booked it, or took something back.
        Correction = "correction",
        /// Of the past.
        Legacy = "legacy",
        /// An adoption fee.
        AdoptionFee = "adoption_fee",
        /// A red packet.
        RedPacket = "red_packet",
        /// A withdrawal was asked for: it waits for its payout.
        Hold = "hold",
        /// A withdrawal was refused or failed: it can be withdrawn again.
        Release = "release",
        /// A withdrawal was paid out.
        Payout = "payout",
    }
}

impl From<AmountType> for MovementKind {
    fn from(amount_type: AmountType) -> Self {
        match amount_type {
            AmountType::Groups => MovementKind::Groups,
            AmountType::Ads => MovementKind::Ads,
            AmountType::DiscipleGroups => MovementKind::DiscipleGroups,
            AmountType::DiscipleAds => MovementKind::DiscipleAds,
            AmountType::Activity => MovementKind::Activity,
            AmountType::Correction => MovementKind::Correction,
            AmountType::Legacy => MovementKind::Legacy,
            AmountType::Adoption => MovementKind::AdoptionFee,
            AmountType::Withdrawal => MovementKind::Payout,
            AmountType::Other => MovementKind::RedPacket,
        }
    }
}

/// One movement of a wallet.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Object)]
#[oai(rename = "WalletMovement")]
pub struct Movement {
    /// The posting behind it.
    pub posting_id: PostingId,
    /// Why.
    pub kind: MovementKind,
    /// What the balance that can be withdrawn gained; below zero, what it lost.
    pub amount: Money,
    /// What could be withdrawn after it.
    pub balance: Money,
    /// What the part that waits for payouts gained; below zero, what it lost.
    pub held_amount: Money,
    /// What waited for payouts after it.
    pub held: Money,
    /// Its slip, which can be explained; null for holds, releases and payouts.
    pub slip_id: Option<SlipId>,
    /// The withdrawal of a hold, release or payout.
    pub withdrawal_id: Option<WithdrawalId>,
    /// The settlement run that wrote it.
    pub run_id: Option<RunId>,
    /// The date it is booked on; for income the settle date.
    pub booked_on: BusinessDate,
    /// What the user is told about it.
    pub remark: String,
    /// When it moved.
    pub created_at: DateTime<Utc>,
}

fn all_of_user() -> String {
    let kinds: String = AmountType::ALL
        .into_iter()
        .map(|amount_type| {
            format!(
                " WHEN {} THEN '{}'",
                amount_type.number(),
                MovementKind::from(amount_type)
            )
        })
        .collect();
    let (paid, income) = (AmountType::Withdrawal.number(), Direction::Income.number());
    format!(
        "(SELECT m.*, (a.available - coalesce(sum(m.amount) OVER later, 0))::numeric(14, 2) AS balance,
                 (a.held - coalesce(sum(m.held_amount) OVER later, 0))::numeric(14, 2) AS held
          FROM accounts AS a,
               LATERAL (SELECT s.posting_id, CASE s.amount_type{kinds} END AS kind,
                               CASE s.direction WHEN {income} THEN s.amount ELSE -s.amount END AS amount, 0::numeric(14, 2) AS held_amount,
                               s.id AS slip_id, NULL::uuid AS withdrawal_id, s.run_id, s.settle_date AS booked_on, s.remark,
                               s.created_at
                        FROM slips AS s WHERE s.user_id = $1 AND s.amount_type <> {paid}
                        UNION ALL
                        SELECT p.id, p.kind, CASE p.kind WHEN 'hold' THEN -w.amount WHEN 'release' THEN w.amount ELSE 0 END,
                               CASE p.kind WHEN 'hold' THEN w.amount ELSE -w.amount END, NULL, w.id, NULL, p.booked_on,
                               CASE p.kind WHEN 'release' THEN coalesce(w.reason, '') ELSE '' END, p.created_at
                        FROM withdrawals AS w
                             JOIN ledger_keys AS k ON k.key IN ('withdrawal:' || w.id || ':hold', 'withdrawal:' || w.id || ':release',
                                                                'withdrawal:' || w.id || ':payout')
                             JOIN ledger_postings AS p ON p.booked_on = k.booked_on AND p.id = k.posting_id
                        WHERE w.user_id = $1) AS m
          WHERE a.user_id = $1
          WINDOW later AS (ORDER BY m.created_at DESC, m.posting_id DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS m"
    )
}

/// What moved a user's wallet on these dates, in Shanghai, newest first; of one kind, or of all.
pub(in crate::ledger) async fn list(
    conn: &impl ConnectionTrait,
    user: UserId,
    range: DateRange,
    kind: Option<MovementKind>,
    page: Page,
) -> Result<Paged<Movement>> {
    let all = all_of_user();
    let listing = Listing {
        columns: "m.*",
        from: &format!(
            "{all} WHERE m.created_at >= $2 AND m.created_at < $3 AND ($4::text IS NULL OR m.kind = $4)"
        ),
        order: "m.created_at DESC, m.posting_id DESC",
    };
    let values = vec![
        user.into(),
        range.from().start().into(),
        range.to().plus_days(1).start().into(),
        kind.into(),
    ];
    listing.page(conn, values, page).await
}
