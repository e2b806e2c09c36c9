//! What must hold at the end, whoever was killed.

use super::crowd::held;
use super::deployment::Deployment;
use crate::{fixture, invariants};
use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeSet;

/// What was found in order.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// Withdrawals paid, each by one bill of WeChat Pay.
    pub payouts: usize,
    /// Yuan of them.
    pub paid: String,
    /// Events of the outbox, all of them in the queues that want them.
    pub events: usize,
    /// Copies of events beyond the first, in both queues.
    pub copies: usize,
    /// Page accesses that were answered.
    pub pages: usize,
    /// Robot events, each handled once.
    pub robot_events: usize,
    /// Requests that had to be made again.
    pub again: usize,
}

impl Deployment<'_> {
    /// Proves ledger, payouts, inbox, outbox and both queues of events.
    ///
    /// # Errors
    /// Names what does not hold.
    pub async fn prove(&self) -> Result<Proof> {
        invariants::prove(&self.context).await?;
        for (what, sql) in [
            ("not handled", "SELECT command, state, outcome FROM inbox_messages WHERE state <> 'done'"),
            ("waiting in the outbox", "SELECT destination, topic, state FROM outbox WHERE state = 'pending'"),
            (
                "events not delivered",
                "SELECT topic, state, last_error FROM outbox WHERE destination = 'event' AND state <> 'delivered'",
            ),
            ("unclean ledger checks", "SELECT findings FROM ledger_checks WHERE NOT clean"),
            ("alerts", "SELECT id, state, alert FROM withdrawals WHERE alert IS NOT NULL"),
            (
                "shown more often than allowed",
                "SELECT robot_id, day FROM robot_days AS d WHERE displays > display_limit
                 OR displays <> (SELECT count(*) FROM robot_displays AS s WHERE s.robot_id = d.robot_id AND s.day = d.day)",
            ),
        ] {
            let rows = fixture::rows(&self.context, sql).await?;
            ensure!(rows.is_empty(), "{what}: {rows:#?}");
        }
        let seen = &self.crowd.seen;
        let mut proof = Proof {
            robot_events: seen.events.load(std::sync::atomic::Ordering::SeqCst),
            again: seen.again.load(std::sync::atomic::Ordering::SeqCst),
            ..Proof::default()
        };
        self.paid_once(&mut proof).await?;
        self.all_events_are_there(&mut proof).await?;
        Ok(proof)
    }

    /// Our paid withdrawals and WeChat Pay's paid bills are the same, one to one, and no bill was paid twice.
    async fn paid_once(&self, proof: &mut Proof) -> Result<()> {
        let ours = "SELECT bill_no, open_id, (amount * 100)::bigint FROM withdrawals WHERE state = 'paid'";
        let ours: BTreeSet<String> = fixture::rows(&self.context, ours).await?.into_iter().collect();
        let books = self.crowd.control.payouts().await?;
        for bill in &books.bills {
            ensure!(bill.paid <= 1, "paid {} times: {bill:?}", bill.paid);
        }
        let paid = books.bills.iter().filter(|bill| bill.paid == 1);
        let theirs: BTreeSet<String> = paid
            .map(|bill| {
                format!(
                    "({},{},{})",
                    bill.order.out_bill_no, bill.order.openid, bill.amount
                )
            })
            .collect();
        ensure!(
            ours == theirs,
            "paid by us only: {:?}; by WeChat Pay only: {:?}",
            &ours - &theirs,
            &theirs - &ours
        );
        let deployment = "SELECT balance FROM house_accounts WHERE name = 'payouts'";
        proof.paid = fixture::rows(&self.context, deployment).await?.concat();
        let fen: u64 = books.received.values().sum();
        let said = format!("({}.{:02})", fen / 100, fen % 100);
        ensure!(
            proof.paid == said,
            "the ledger paid {}, WeChat Pay {said}",
            proof.paid
        );
        proof.payouts = ours.len();
        Ok(())
    }

    /// Every event of the outbox is where it is wanted: page accesses in both queues, business events in BI's. So is every
    /// page access that was answered.
    async fn all_events_are_there(&self, proof: &mut Proof) -> Result<()> {
        let answered = held(&self.crowd.seen.pages).clone();
        let mq = &self.context.config.mq;
        let pages = format!(" AND topic = '{}'", mq.page_queue);
        for (queue, wanted) in [(&mq.page_queue, pages.as_str()), (&mq.bi_queue, "")] {
            let written = format!("SELECT id FROM outbox WHERE destination = 'event'{wanted}");
            let written = fixture::rows(&self.context, &written).await?;
            let written: BTreeSet<&str> = written.iter().map(|row| row.trim_matches(['(', ')'])).collect();
            let messages = self.bi.take(queue).await?;
            let (mut ids, mut markers) = (BTreeSet::new(), BTreeSet::new());
            for message in &messages {
                ids.insert(message.id.clone().context("an event without an id")?);
                let marker = message.json()?["body"]["marker"].as_str().map(str::to_owned);
                markers.extend(marker);
            }
            let ids: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
            ensure!(
                ids == written,
                "{queue}: missing {:?}, unknown {:?}",
                &written - &ids,
                &ids - &written
            );
            let lost = &answered - &markers;
            ensure!(
                lost.is_empty(),
                "{queue}: page accesses {lost:?} were answered and are missing"
            );
            proof.copies += messages.len() - ids.len();
            proof.events = written.len();
        }
        proof.pages = answered.len();
        Ok(())
    }
}
