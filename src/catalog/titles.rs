//! What ready metrics, figures, cards and their groups are called, in English and Chinese.

use crate::text::{Lang, Texts};

/// Key, English and Chinese, by key.
const TITLES: [(&str, &str, &str); 323] = [
    ("accounts", "Accounts", "客户档案数"),
    (
        "accounts_without_owner",
        "Accounts without owner, share",
        "无责任人客户占比",
    ),
    ("actions", "Conduct of work", "行为"),
    ("active_customers", "Active customers", "活跃客户数"),
    ("active_dealers", "Active dealers", "活跃经销商数"),
    ("active_outlet_share", "Active outlet share", "活跃网点占比"),
    ("active_outlets", "Active outlets", "活跃网点数"),
    ("active_share", "Active accounts, share", "活跃客户占比"),
    ("activities", "Activities", "活动次数"),
    ("activity_cost", "Activity cost", "活动费用"),
    ("alerts_recurred", "Recurred exceptions", "复发异常数"),
    ("alerts_reopened", "Reopened exceptions", "短期复发异常数"),
    ("amount_due", "Amount due", "当期到期金额"),
    (
        "appointment_cost_lost",
        "Cost of broken appointments",
        "爽约损失费用",
    ),
    (
        "appointment_hours_lost",
        "Hours lost to broken appointments",
        "爽约损失工时",
    ),
    (
        "appointment_hours_lost_by_customer",
        "Hours lost to appointments broken by the customer",
        "客户爽约损失工时",
    ),
    (
        "appointment_hours_lost_by_us",
        "Hours lost to appointments broken by us",
        "我方爽约损失工时",
    ),
    (
        "appointments_broken_by_customer",
        "Appointments broken by customer",
        "客户爽约次数",
    ),
    (
        "appointments_broken_by_us",
        "Appointments broken by us",
        "我方爽约次数",
    ),
    ("audit_coverage", "Audit coverage", "网点检查覆盖率"),
    (
        "average_days_delinquent",
        "Average days delinquent",
        "平均逾期天数",
    ),
    ("average_deal_size", "Average deal size", "平均成交金额"),
    ("average_order_value", "Average order value", "平均订单金额"),
    ("average_receivables", "Average receivables", "平均应收账款"),
    ("awareness_answers", "Awareness answers", "知名度样本数"),
    ("brand_awareness", "Brand awareness", "品牌知名度"),
    (
        "broken_appointment_rate",
        "Broken appointment rate",
        "爽约率",
    ),
    (
        "broken_customer_cancelled",
        "Appointments cancelled by the customer",
        "客户取消次数",
    ),
    (
        "broken_customer_moved",
        "Appointments moved by the customer",
        "客户改期次数",
    ),
    (
        "broken_customer_out",
        "Appointments with the customer out",
        "客户不在次数",
    ),
    (
        "broken_we_cancelled",
        "Appointments cancelled by us",
        "我方取消次数",
    ),
    (
        "broken_we_moved",
        "Appointments moved by us",
        "我方改期次数",
    ),
    ("buying", "Purchases", "进货"),
    ("churn_rate", "Churn rate", "客户流失率"),
    ("claims", "Claims", "索赔金额"),
    ("closed_outlets", "Closed outlets", "关闭网点数"),
    ("cohort_win_rate", "Cohort win rate", "同期商机赢单率"),
    (
        "collection_effectiveness",
        "Collection effectiveness index",
        "回款有效性指数",
    ),
    ("collection_rate", "Collection rate", "回款率"),
    ("collections", "Collections", "回款"),
    (
        "competitor_price_age",
        "Age of competitor prices",
        "竞品价格时效（天）",
    ),
    ("competitor_prices", "Competitor prices", "竞品价格条数"),
    (
        "complaint_age",
        "Age of open complaints",
        "未结投诉平均时长",
    ),
    (
        "complaint_closure_rate",
        "Complaint closure rate",
        "投诉结案率",
    ),
    (
        "complaint_resolution_days",
        "Complaint resolution days",
        "投诉平均处理天数",
    ),
    (
        "complaint_response_days",
        "Complaint response days",
        "投诉平均响应天数",
    ),
    ("complaints", "Complaints", "投诉次数"),
    (
        "complaints_answered_on_time",
        "Complaints answered on time, share",
        "投诉按时响应率",
    ),
    ("complaints_open", "Open complaints", "未结投诉数"),
    (
        "complaints_open_0_7",
        "Complaints open up to 7 days",
        "未结 7 天以内投诉",
    ),
    (
        "complaints_open_8_30",
        "Complaints open 8 to 30 days",
        "未结 8—30 天投诉",
    ),
    (
        "complaints_open_over_30",
        "Complaints open more than 30 days",
        "未结 30 天以上投诉",
    ),
    (
        "complaints_per_100_orders",
        "Complaints per 100 orders",
        "每百单投诉次数",
    ),
    ("conduct", "Conduct", "守规"),
    (
        "contract_fulfilment_rate",
        "Contract fulfilment rate",
        "合同履约率",
    ),
    ("contribution_margin", "Contribution margin", "贡献毛利"),
    (
        "cooperation_with_management",
        "Cooperation with management",
        "服从管理（评分，满分 100）",
    ),
    (
        "corrective_actions_failed",
        "Corrective actions not carried out or without effect",
        "整改未落实或无效项数",
    ),
    (
        "cost_per_converted_lead",
        "Cost per converted lead",
        "单条转化线索成本",
    ),
    ("cost_per_visit", "Cost per visit", "单次拜访成本"),
    ("credit_exposure", "Credit exposure", "信用敞口"),
    ("credit_limit", "Credit limit", "信用额度"),
    ("credit_utilisation", "Credit utilisation", "信用额度使用率"),
    ("cross_territory_share", "Cross territory share", "窜货占比"),
    (
        "cross_territory_sightings",
        "Cross territory sightings",
        "窜货次数",
    ),
    ("customer", "Monthly customer rating", "客户月评卡"),
    (
        "customer_concentration",
        "Customer concentration",
        "客户集中度",
    ),
    ("customer_coverage", "Customer coverage", "客户覆盖率"),
    (
        "customer_hhi",
        "Customer concentration (HHI)",
        "客户集中度（HHI）",
    ),
    ("customer_margin", "Margin per customer", "户均毛利"),
    ("days_employed", "Days employed", "在职天数"),
    (
        "days_sales_outstanding",
        "Days sales outstanding",
        "应收账款周转天数",
    ),
    (
        "days_since_last_order",
        "Days since last order",
        "距上次下单天数",
    ),
    (
        "days_since_last_purchase",
        "Days since last purchase",
        "距上次进货天数",
    ),
    ("days_since_leaving", "Days since leaving", "离职天数"),
    (
        "days_since_market_observation",
        "Days since market observation",
        "距上次市场信息天数",
    ),
    ("days_since_order", "Days since order", "距上次下单天数"),
    ("days_since_record", "Days since record", "距上次记录天数"),
    (
        "days_since_training",
        "Days since training",
        "距上次培训天数",
    ),
    (
        "days_to_alert",
        "Days from first sign to alert",
        "首次异常到预警天数",
    ),
    ("days_to_fill", "Days to fill", "平均补岗天数"),
    ("days_to_notice", "Days to notice", "问题发现天数"),
    ("days_to_pay", "Days to pay", "平均付款天数"),
    (
        "days_to_resolve",
        "Days to resolve an exception",
        "异常平均解除天数",
    ),
    ("dealer", "Dealer", "经销商考核表"),
    ("dealer_margin", "Dealer margin", "经销商毛利"),
    ("dealer_margin_rate", "Dealer margin rate", "经销商毛利率"),
    (
        "dealer_order_interval",
        "Dealer order interval",
        "经销商订货间隔",
    ),
    (
        "dealer_order_interval_longest",
        "Longest dealer order interval",
        "经销商最长订货间隔",
    ),
    ("dealer_return_rate", "Dealer return rate", "经销商退货率"),
    ("dealer_stock", "Dealer stock", "经销商库存"),
    ("delivery_days", "Delivery days", "平均交货天数"),
    ("demonstrations", "Demonstrations", "演示次数"),
    ("department", "Supporting department", "协作部门考核表"),
    ("discipline", "Discipline", "守规"),
    ("discount_depth", "Discount depth", "让利幅度"),
    (
        "discounted_lines",
        "Discounted order lines, share",
        "让利订单行占比",
    ),
    ("dispute_rate", "Dispute rate", "争议发票占比"),
    ("diverted_in_share", "Diverted in share", "窜入占比"),
    ("diverted_lots", "Diverted lots", "窜出批次"),
    (
        "dormant_customer_share",
        "Dormant customer share",
        "休眠客户占比",
    ),
    ("dormant_customers", "Dormant customers", "休眠客户数"),
    (
        "effort_a_customers",
        "Share of time for A customers",
        "A 类客户工时占比",
    ),
    (
        "effort_administration",
        "Share of time for administration",
        "行政工时占比",
    ),
    (
        "effort_b_customers",
        "Share of time for B customers",
        "B 类客户工时占比",
    ),
    (
        "effort_c_customers",
        "Share of time for C customers",
        "C 类客户工时占比",
    ),
    (
        "effort_development",
        "Share of time for development",
        "基础建设工时占比",
    ),
    ("effort_hours", "Effort hours", "工时"),
    (
        "effort_maintenance",
        "Share of time for maintenance",
        "维护工时占比",
    ),
    (
        "effort_selling",
        "Share of time for selling",
        "销售工时占比",
    ),
    ("execution", "Execution index", "执行力指数"),
    (
        "expected:collections",
        "Collections expected by now (pace)",
        "按进度应回款",
    ),
    (
        "expected:sales",
        "Sales expected by now (pace)",
        "按进度应完成销售",
    ),
    ("expense", "Selling expense", "销售费用"),
    ("expense_ratio", "Expense ratio", "费用率"),
    ("first_pass_rate", "First pass rate", "一次通过率"),
    ("gross_margin", "Gross margin", "毛利"),
    (
        "growth_against_market",
        "Growth against the market",
        "相对市场增长",
    ),
    (
        "handovers_open",
        "Handover items still open",
        "离职未交接项数",
    ),
    ("headcount", "Headcount", "在职人数"),
    (
        "hours_lost_customer_cancelled",
        "Hours lost to appointments cancelled by the customer",
        "客户取消损失工时",
    ),
    (
        "hours_lost_customer_moved",
        "Hours lost to appointments moved by the customer",
        "客户改期损失工时",
    ),
    (
        "hours_lost_customer_out",
        "Hours lost with the customer out",
        "客户不在损失工时",
    ),
    (
        "hours_lost_we_cancelled",
        "Hours lost to appointments cancelled by us",
        "我方取消损失工时",
    ),
    (
        "hours_lost_we_moved",
        "Hours lost to appointments moved by us",
        "我方改期损失工时",
    ),
    (
        "initiative.momentum",
        "Momentum of an initiative",
        "专项工作力度",
    ),
    ("invoiced", "Invoiced", "开票金额"),
    ("joiners", "Joiners", "入职人数"),
    (
        "lapsed_customer_share",
        "Lapsed customers, share",
        "原有客户停单占比（2 个月）",
    ),
    (
        "last_five_days_share",
        "Share of sales in the last five days",
        "最后 5 天销售占比",
    ),
    ("lead_conversion_rate", "Lead conversion rate", "线索转化率"),
    (
        "lead_to_visit_days",
        "Days from lead to visit",
        "线索到首访天数",
    ),
    ("leads", "Leads", "线索数"),
    (
        "leads_contacted_within_day",
        "Leads contacted within a day, share",
        "一日内联系线索占比",
    ),
    ("leads_unvisited", "Leads not yet visited", "未拜访线索数"),
    ("leavers", "Leavers", "离职人数"),
    (
        "list_price_compliance",
        "List price compliance",
        "标价执行率",
    ),
    (
        "longest_gap",
        "Longest gap between two visits",
        "拜访最长间隔天数",
    ),
    ("lost_customers", "Lost customers", "流失客户数"),
    (
        "lost_customers_state",
        "Lost customers so far",
        "流失客户存量",
    ),
    ("lots_diverted_in", "Lots diverted in", "窜入批次"),
    ("lots_diverted_out", "Lots diverted out", "窜出批次"),
    ("margin_rate", "Gross margin rate", "毛利率"),
    ("market", "Market", "市场"),
    (
        "market_customer_coverage",
        "Market customer coverage",
        "市场信息客户覆盖率",
    ),
    ("market_growth", "Market growth", "市场增长率"),
    ("market_information", "Market information", "市场信息条数"),
    (
        "market_information_age",
        "Age of market information",
        "市场信息时效（天）",
    ),
    (
        "market_planning",
        "Territory plan",
        "市场规划（评分，满分 100）",
    ),
    ("market_share", "Market share", "市场份额"),
    (
        "market_share_change",
        "Change of market share",
        "市场份额变动（百分点）",
    ),
    ("market_size", "Market size", "市场规模"),
    (
        "market_topic_coverage",
        "Market topic coverage",
        "市场信息主题覆盖率",
    ),
    (
        "median_days_delinquent",
        "Median days delinquent",
        "逾期天数中位数",
    ),
    ("meetings", "Meetings", "会议次数"),
    (
        "minutes_per_visit",
        "Minutes per visit",
        "单次拜访时长（分钟）",
    ),
    ("money", "Payment", "回款"),
    ("net_sales", "Net sales", "销售净额"),
    ("new_customers", "New customers", "新客户数"),
    ("new_outlets", "New outlets", "新增网点数"),
    ("not_due", "Receivables not yet due", "未到期应收账款"),
    ("numeric_distribution", "Numeric distribution", "铺货率"),
    (
        "oldest_open_alert_days",
        "Days since the oldest open exception",
        "最早未解除异常天数",
    ),
    (
        "on_time_delivery_rate",
        "On-time delivery rate",
        "按时交货率",
    ),
    (
        "on_time_response_rate",
        "On-time response rate",
        "按时响应率",
    ),
    (
        "open_position_age",
        "Age of open positions",
        "岗位平均空缺天数",
    ),
    ("open_positions", "Open positions", "空缺岗位数"),
    ("opportunities_lost", "Opportunities lost", "丢单数"),
    ("opportunities_opened", "Opportunities opened", "新增商机数"),
    (
        "opportunities_overdue",
        "Overdue opportunities",
        "超期商机数",
    ),
    ("opportunities_won", "Opportunities won", "赢单数"),
    ("opportunity_age", "Opportunity age", "在途商机平均时长"),
    ("order_interval", "Order interval", "平均订货间隔"),
    (
        "order_to_delivery",
        "Days from order to delivery",
        "订单到交货天数",
    ),
    ("orders", "Orders", "订单数"),
    (
        "orders_awaiting_delivery",
        "Orders awaiting delivery",
        "待发货订单数",
    ),
    (
        "orders_awaiting_delivery_age",
        "Waiting time of orders awaiting delivery",
        "待发货订单平均等待天数",
    ),
    ("orders_overdue", "Overdue orders", "逾期未交订单数"),
    (
        "orders_per_100_visits",
        "Orders per 100 visits",
        "每百次拜访成交单数",
    ),
    ("orders_per_customer", "Orders per customer", "户均订单数"),
    ("outlet_standard_rate", "Outlet standard rate", "网点达标率"),
    ("outlets", "Outlets", "网点数"),
    ("overdue", "Overdue receivables", "逾期应收账款"),
    ("overdue_1_30", "Overdue 1 to 30 days", "逾期 1—30 天"),
    ("overdue_31_60", "Overdue 31 to 60 days", "逾期 31—60 天"),
    ("overdue_61_90", "Overdue 61 to 90 days", "逾期 61—90 天"),
    (
        "overdue_over_90",
        "Overdue more than 90 days",
        "逾期 90 天以上",
    ),
    ("overdue_share", "Overdue share", "逾期占比"),
    ("paid_on_time", "Paid on time", "按期付款率"),
    ("paying", "Payment", "付款"),
    ("people_below_target", "People below target", "未达标人数"),
    ("people_ramping_up", "People ramping up", "成长期新人数"),
    ("people_with_target", "People with target", "有任务人数"),
    ("phone_calls", "Phone calls", "电话次数"),
    ("pipeline", "Pipeline", "在途商机金额"),
    ("pipeline_periods", "Pipeline periods", "商机储备倍数"),
    ("pipeline_velocity", "Pipeline velocity", "商机流速"),
    ("plan_changes", "Plan changes", "计划变更次数"),
    ("plan_completion", "Plan completion", "计划完成率"),
    (
        "planned_visit_share",
        "Planned visit share",
        "计划内拜访占比",
    ),
    (
        "positions_open_over_60",
        "Positions open more than 60 days",
        "空缺 60 天以上岗位数",
    ),
    (
        "price_against_competitors",
        "Price against competitors",
        "相对竞品价格",
    ),
    ("price_compliance", "Price compliance", "限价执行率"),
    (
        "price_compliance_retail",
        "Price compliance, retail",
        "零售限价执行率",
    ),
    (
        "price_compliance_second_tier",
        "Price compliance, second tier",
        "二批限价执行率",
    ),
    (
        "price_compliance_wholesale",
        "Price compliance, wholesale",
        "批发限价执行率",
    ),
    ("price_inversions", "Price inversions", "价格倒挂次数"),
    ("price_realisation", "Price realisation", "价格实现率"),
    ("price_violations", "Price violations", "违反限价次数"),
    (
        "problems_open_over_30",
        "Problems open more than 30 days",
        "未解决 30 天以上问题数",
    ),
    (
        "product_concentration",
        "Product concentration",
        "产品集中度",
    ),
    ("progress", "Growth on the month before", "销售增长加分"),
    (
        "promotion_execution_rate",
        "Promotion execution rate",
        "促销执行率",
    ),
    ("promotion_fee_rate", "Promotion fee rate", "促销费用兑现率"),
    (
        "promotion_price_compliance",
        "Promotion price compliance",
        "促销品限价执行率",
    ),
    (
        "promotion_price_violations",
        "Promotion price violations",
        "促销品违价次数",
    ),
    ("promotion_sets", "Promotion sets", "促销套数"),
    ("promotion_stock", "Promotion stock", "促销品库存"),
    ("purchase_interval", "Purchase interval", "平均采购间隔"),
    (
        "purchase_interval_median",
        "Median purchase interval",
        "采购间隔中位数",
    ),
    ("purchases", "Purchases", "经销商进货"),
    ("qualities", "Qualities", "素质"),
    ("quantity", "Work done", "完成量"),
    ("ramp_time", "Ramp time", "新人达产天数"),
    (
        "reactivated_customers",
        "Reactivated customers",
        "回流客户数",
    ),
    (
        "rebate_unconfirmed_share",
        "Rebates not confirmed by the dealer, three periods",
        "返利未确认占比（3 个月）",
    ),
    (
        "rebate_use_quarter",
        "Rebates used, three periods",
        "返利使用率（3 个月）",
    ),
    ("rebate_utilisation", "Rebate utilisation", "返利使用率"),
    ("rebates_earned", "Rebates earned", "应得返利"),
    ("receivables", "Receivables", "应收账款"),
    ("receivables_age", "Receivables age", "应收账款平均账龄"),
    ("receivables_balance", "Receivables balance", "应收账款余额"),
    (
        "repeated_problems",
        "Problems with a repeated cause",
        "重复原因问题数",
    ),
    (
        "report.completeness",
        "Reports handed in, of those due",
        "报表提交率",
    ),
    ("report_completeness", "Report completeness", "报表提交率"),
    ("report_punctuality", "Report punctuality", "报表按时提交率"),
    ("reports_late", "Reports late", "迟交报表数"),
    ("reports_missing", "Reports missing", "缺交报表数"),
    ("reputation", "Reputation", "品牌美誉度"),
    ("reputation_answers", "Reputation answers", "美誉度样本数"),
    (
        "resale_above_ceiling",
        "Prices above the maximum, share",
        "高于最高限价占比",
    ),
    (
        "resale_below_floor",
        "Prices below the minimum, share",
        "低于最低限价占比",
    ),
    (
        "resale_margin_rate",
        "Dealer's gross margin on resale",
        "经销商转手毛利率",
    ),
    ("results", "Results", "业绩"),
    ("retail_tier_spread", "Retail tier spread", "零售价差"),
    ("retained_customers", "Retained customers", "留存客户数"),
    ("retention_rate", "Retention rate", "客户留存率"),
    ("return_rate", "Return rate", "退货率"),
    (
        "return_rate_quarter",
        "Return rate, three periods",
        "退货率（3 个月）",
    ),
    ("returns", "Returns", "退货金额"),
    ("revenue_per_visit", "Revenue per visit", "单次拜访销售额"),
    (
        "revenue_per_visiting_day",
        "Revenue per visiting day",
        "拜访日日均销售额",
    ),
    ("route_adherence", "Route adherence", "路线执行率"),
    ("sales", "Sales", "销售额"),
    ("sales_cycle_days", "Sales cycle", "平均成交周期（天）"),
    (
        "sales_cycle_days_median",
        "Median sales cycle",
        "成交周期中位数",
    ),
    ("sales_growth", "Sales growth", "销售环比增长率"),
    (
        "sales_growth_year",
        "Sales growth on last year",
        "销售同比增长率",
    ),
    ("sales_last_year", "Sales last year", "去年同期销售额"),
    (
        "sales_month_to_date",
        "Sales month to date",
        "本月累计销售额",
    ),
    ("sales_per_customer", "Sales per customer", "户均销售额"),
    ("sales_per_head", "Sales per head", "人均销售额"),
    (
        "sales_quarter_to_date",
        "Sales quarter to date",
        "本季累计销售额",
    ),
    ("sales_share", "Sales share", "销售占比"),
    ("sales_year_to_date", "Sales year to date", "本年累计销售额"),
    ("salesperson", "Salesperson", "业务员考核表"),
    ("satisfaction", "Satisfaction", "客户满意度"),
    (
        "satisfied_share",
        "Satisfied answers, share",
        "满意客户占比",
    ),
    ("score_total", "Total score", "考核总分"),
    ("second_tier_spread", "Second-tier spread", "二批价差"),
    ("sell_in_surplus", "Sell-in surplus", "进货超出货量"),
    (
        "sell_in_to_sell_out",
        "Sell-in as a share of sell-out, three periods",
        "进销比（3 个月）",
    ),
    ("sell_in_volume", "Sell-in volume", "进货量"),
    ("sell_out", "Sell-out", "经销商出货"),
    ("sell_out_volume", "Sell-out volume", "出货量"),
    ("sell_through", "Sell-through", "动销率"),
    ("share_of_wallet", "Share of wallet", "我方进货占比"),
    (
        "share_of_wallet_quarter",
        "Share of wallet, three periods",
        "我方进货占比（3 个月）",
    ),
    ("staff_turnover", "Staff turnover", "人员流失率"),
    (
        "staff_turnover_year",
        "Staff turnover over twelve periods",
        "近 12 个月人员流失率",
    ),
    ("standing", "Reputation", "口碑"),
    ("stock_cover", "Stock cover", "库存可销天数"),
    ("stock_cover_quarter", "Days of stock cover", "库存可销天数"),
    ("strike_rate", "Strike rate", "拜访成交率"),
    ("survey_answers", "Survey answers", "调查样本数"),
    ("target:market_share", "Market share target", "市场份额目标"),
    ("target:sales", "Sales target", "销售任务"),
    ("tasks_on_time", "Tasks done on time", "事项按时完成率"),
    ("tasks_overdue", "Overdue tasks", "逾期事项数"),
    (
        "tasks_without_owner",
        "Tasks without owner or deadline",
        "无责任人或期限的事项数",
    ),
    ("team", "Sales team", "团队考核表"),
    ("teamwork", "Teamwork", "团队协作（评分，满分 100）"),
    ("territory", "Territory", "区域考核表"),
    ("timeliness", "Work done on time", "按时完成率"),
    (
        "top_customers_share",
        "Sales share of the three largest customers",
        "前三大客户销售占比",
    ),
    ("training_completion", "Training completion", "培训完成率"),
    ("training_hours", "Training hours", "培训时长"),
    ("training_reach", "Training reach", "培训覆盖率"),
    ("trainings_held", "Trainings held", "当期培训次数"),
    ("trainings_to_date", "Trainings to date", "累计培训次数"),
    (
        "unassigned_receivables",
        "Unassigned receivables",
        "无责任人应收账款",
    ),
    (
        "verified_share",
        "Verified accounts, share",
        "客户档案核实率",
    ),
    (
        "verified_within_year_share",
        "Accounts verified within a year, share",
        "一年内核实率",
    ),
    ("visit_frequency", "Visit frequency", "客户拜访频次"),
    (
        "visit_plan.compliance",
        "Planned visits made",
        "计划拜访完成率",
    ),
    (
        "visit_plan.unplanned_share",
        "Unplanned visits, share",
        "计划外拜访占比",
    ),
    ("visited_customers", "Visited customers", "拜访客户数"),
    ("visiting_days", "Visiting days", "拜访天数"),
    ("visits", "Visits", "拜访次数"),
    ("visits_per_day", "Visits per day", "日均拜访次数"),
    (
        "visits_per_weekday",
        "Visits per weekday",
        "工作日日均拜访次数",
    ),
    ("volume", "Volume", "销量"),
    ("volume_share", "Volume share", "销量份额"),
    (
        "weekly_plan.completeness",
        "Weekly plans handed in, of those due",
        "周计划提交率",
    ),
    (
        "weekly_plan.punctuality",
        "Weekly plans on time, of those due",
        "周计划按时率",
    ),
    ("win_rate", "Win rate", "赢单率"),
    (
        "win_rate_of_all",
        "Win rate of all opportunities",
        "全部商机赢单率",
    ),
    (
        "win_rate_of_due",
        "Win rate of opportunities due",
        "到期商机赢单率",
    ),
    ("won_value", "Value won", "赢单金额"),
    ("work", "Work", "工作"),
    ("work_quality", "Work done to standard", "质量达标率"),
    (
        "workflow.punctuality",
        "Workflow steps done on time",
        "流程环节按时率",
    ),
    ("write_offs", "Write offs", "坏账核销"),
];

/// Returns what a ready metric, a figure of the packs, a column that they read, a ready card or a group of one is called; `None`
/// for another key.
///
/// ```
/// use quotaflow::catalog;
/// use quotaflow::text::Lang;
/// let title = catalog::title("strike_rate").ok_or("no title")?;
/// assert_eq!((title.get(Lang::EN), title.get(Lang::ZH)), ("Strike rate", "拜访成交率"));
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn title(key: &str) -> Option<Texts> {
    let at = TITLES
        .binary_search_by(|(known, ..)| (*known).cmp(key))
        .ok()?;
    let (_, english, chinese) = TITLES[at];
    Some(Texts::new(Lang::EN, english).and(Lang::ZH, chinese))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{cards, metrics, packs};

    #[test]
    fn everything_that_is_ready_has_a_title_in_both_languages() {
        let mut keys: Vec<String> = Vec::new();
        keys.extend(
            metrics::all()
                .unwrap()
                .iter()
                .map(|entry| entry.definition.key.to_string()),
        );
        keys.extend(
            packs::figures::all()
                .unwrap()
                .iter()
                .map(|figure| figure.key.to_string()),
        );
        keys.extend(packs::READ.iter().map(|read| read.column.to_owned()));
        keys.extend(cards::METRICS.iter().map(|(key, _)| (*key).to_owned()));
        for card in cards::all().unwrap() {
            keys.push(card.key.to_string());
            keys.extend(card.groups.iter().map(|group| group.key.to_string()));
            keys.extend(card.items.iter().map(|item| item.key.to_string()));
        }
        let untitled: Vec<&String> = keys.iter().filter(|key| title(key).is_none()).collect();
        assert_eq!(untitled, Vec::<&String>::new());
        assert!(TITLES.is_sorted_by(|a, b| a.0 < b.0));
    }
}
