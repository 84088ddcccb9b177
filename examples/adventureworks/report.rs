//! All reports of the company in one document.

use serde_json::{Value, json};

use crate::company::Company;
use crate::data::Data;
use crate::{quota, sales, salesperson};

pub fn json(data: &Data, company: &Company) -> Result<Value, quotaflow::Error> {
    Ok(json!({
        "aw_company": sales::company_json(data, company)?,
        "aw_quota_attainment": quota::json(data, company)?,
        "aw_territory_year": sales::territory_json(data, company)?,
        "aw_salesperson": salesperson::json(data, company)?,
        "aw_category_month": sales::category_json(company)?,
        "aw_settlement_method_year": sales::settlement_json(company)?,
    }))
}
