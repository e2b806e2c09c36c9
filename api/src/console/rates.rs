//! Rates of masters and grand-masters. Versions are added, never changed.

use super::Area;
use crate::app_state::AppState;
use crate::http::auth::ConsoleOperator;
use crate::http::body::Body;
use crate::http::decimal::Rate;
use crate::http::envelope::{Answer, answer};
use chrono::{DateTime, Utc};
use domain::identity::Permission;
use domain::settlement::rates;
use kernel::config::RatesConfig;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};

pub struct RatesApi;

/// One version; each rate is a decimal string from 0 to 1.
#[derive(Object)]
struct Rates {
    /// The highest rules.
    version: i32,
    /// Of groups, for the master.
    father: String,
    /// Of groups, for the grand-master.
    grand_father: String,
    /// Of ads, for the master.
    father_ad: String,
    /// Of ads, for the grand-master.
    grand_father_ad: String,
    created_at: DateTime<Utc>,
}

/// A new version; each rate is a decimal string from 0 to 1 with at most six places.
#[derive(Object)]
struct NewRates {
    /// Of groups, for the master.
    father: Rate,
    /// Of groups, for the grand-master.
    grand_father: Rate,
    /// Of ads, for the master.
    father_ad: Rate,
    /// Of ads, for the grand-master.
    grand_father_ad: Rate,
}

impl From<rates::Rates> for Rates {
    fn from(rates: rates::Rates) -> Self {
        Rates {
            version: rates.version,
            father: rates.father.to_string(),
            grand_father: rates.grand_father.to_string(),
            father_ad: rates.father_ad.to_string(),
            grand_father_ad: rates.grand_father_ad.to_string(),
            created_at: rates.created_at,
        }
    }
}

impl From<NewRates> for RatesConfig {
    fn from(new: NewRates) -> Self {
        RatesConfig {
            father: new.father.0,
            grand_father: new.grand_father.0,
            father_ad: new.father_ad.0,
            grand_father_ad: new.grand_father_ad.0,
        }
    }
}

#[OpenApi(prefix_path = "/api/console/settlement/rates", tag = "Area::Settlement")]
impl RatesApi {
    /// All versions, newest first
    ///
    /// The highest version rules.
    #[oai(path = "/", method = "get", operation_id = "listRates")]
    async fn list(&self, app: Data<&AppState>, operator: ConsoleOperator) -> Answer<Vec<Rates>> {
        operator.must(Permission::Read)?;
        let all = rates::all(app.context()).await?;
        answer(all.into_iter().map(Rates::from).collect::<Vec<_>>())
    }

    /// Add a version
    ///
    /// It rules from the next run on.
    #[oai(path = "/", method = "post", operation_id = "addRates")]
    async fn add(
        &self,
        app: Data<&AppState>,
        operator: ConsoleOperator,
        body: Body<NewRates>,
    ) -> Answer<Rates> {
        operator.must(Permission::EditRates)?;
        let added = rates::add_version(app.context(), operator.id, body.0.into()).await?;
        answer(added.into())
    }
}
