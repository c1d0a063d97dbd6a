//! A shop with a million orders, written straight into a data file that the store made: as many
//! commits would take hours.

use std::path::Path;

use counterfoil_domain::search::words;
use counterfoil_engine::ports::Entropy;
use counterfoil_store::{DATA_FILE, Mode, SqliteStore};
use counterfoil_tests::world::Seeded;
use rusqlite::{Connection, Result, params};

/// Orders of the shop.
pub(crate) const ORDERS: i64 = 1_000_000;
const PER_TRANSACTION: i64 = 10_000;
/// The first sale; then one a minute.
const BEGAN_MS: i64 = 1_735_000_000_000;
const MINUTE_MS: i64 = 60_000;
/// The newest of them are not paid yet.
const UNPAID: i64 = 10_000;

const SURNAMES: &str = "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾游彭詹胡施沈";
const GIVEN: &str = "家豪志明俊傑建宏宗翰冠宇柏承恩淑芬美玲雅婷惠怡君佳穎欣詩涵心妤子晴品妍宥廷睿哲彥翔秀英麗華玉珍鳳嬌文龍國榮金水阿土添財";
const TEAS: [&str; 5] = ["阿里山烏龍 150 公克", "凍頂烏龍 2 包", "紅茶", "日月潭紅玉 75 公克", "茶具"];

/// The instant after the last sale.
pub(crate) const ENDED_MS: i64 = BEGAN_MS + ORDERS * MINUTE_MS;

/// Makes the file in this folder.
pub(crate) fn make(folder: &Path) -> std::result::Result<(), String> {
    drop(SqliteStore::open(folder, Mode::Maker).map_err(|error| error.to_string())?);
    fill(&folder.join(DATA_FILE)).map_err(|error| error.to_string())
}

const MONEY: &str = "SELECT sql FROM sqlite_master WHERE name = 'payments_begin_without_money'";

fn fill(file: &Path) -> Result<()> {
    let conn = Connection::open(file)?;
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144")?;
    // the file refuses money without evidence: these orders have none, and lists look at none
    let rule: String = conn.query_row(MONEY, [], |row| row.get(0))?;
    conn.execute_batch("DROP TRIGGER payments_begin_without_money")?;
    let mut random = Seeded(3);
    for n in 0..ORDERS {
        if n % PER_TRANSACTION == 0 {
            conn.execute_batch("BEGIN")?;
        }
        order(&conn, &mut random, n)?;
        if (n + 1) % PER_TRANSACTION == 0 {
            conn.execute_batch("COMMIT")?;
        }
    }
    conn.execute_batch(&rule)?;
    conn.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
}

/// A name of three characters.
pub(crate) fn name(random: &mut Seeded) -> String {
    let mut one = |of: &str| {
        let count = u64::try_from(of.chars().count()).unwrap_or(1);
        of.chars().nth(usize::try_from(random.below(count)).unwrap_or(0)).unwrap_or('林')
    };
    [one(SURNAMES), one(GIVEN), one(GIVEN)].iter().collect()
}

fn order(conn: &Connection, random: &mut Seeded, n: i64) -> Result<()> {
    let at = BEGAN_MS + n * MINUTE_MS;
    let (id, customer, payment) = (bytes(random), bytes(random), bytes(random));
    let name = name(random);
    let tea = TEAS.get(usize::try_from(n % 5).unwrap_or(0)).copied().unwrap_or_default();
    let amount = 50 + i64::try_from(random.below(3_000)).unwrap_or(0);
    let state = match n {
        n if n >= ORDERS - UNPAID => "awaiting",
        n if n % 5_000 == 0 => "paid-late",
        n if n % 9_999 == 0 => "authorized",
        n if n % 25 == 0 => "expired",
        _ => "paid",
    };
    let account = format!("99922{:09}", random.below(1_000_000_000));
    let back: String = account.chars().rev().collect();
    let number = format!("{:06X}{:08X}A", n / 60, random.below(1 << 32));
    let put = |sql, params: &[&dyn rusqlite::ToSql]| conn.prepare_cached(sql)?.execute(params).map(drop);
    put("INSERT INTO customers (id, name, note) VALUES (?1, ?2, '')", params![customer, name])?;
    put(
        "INSERT INTO orders (created_at, id, amount, description, customer_id) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![at, id, amount, tea, customer],
    )?;
    let place = at << 21;
    put(
        "INSERT INTO order_places (place, created_at, order_id) VALUES (?1, ?2, ?3)",
        params![place, at, id],
    )?;
    put(
        "INSERT INTO order_words (rowid, description, name, note) VALUES (?1, ?2, ?3, '')",
        params![place, words(tea), words(&name)],
    )?;
    put(
        "INSERT INTO payments (order_id, created_at, id, sold_at, rail, bank_order_no, amount, state, shown, issued, account,
            account_back, expires_at, paid_minute, confirmed_at, version)
        VALUES (?1, ?2, ?3, ?2, 'sinopac-account', ?4, ?5, ?6, 1, 1, ?7, ?8, ?9, ?10, ?11, 3)",
        params![
            id,
            at,
            payment,
            number,
            amount,
            state,
            account,
            back,
            at + 3 * 24 * 60 * MINUTE_MS,
            state.starts_with("paid").then_some(at / MINUTE_MS + 9),
            state.starts_with("paid").then_some(at + 10 * MINUTE_MS)
        ],
    )?;
    if n % 4_000 == 0 {
        put(
            "INSERT INTO discrepancies (id, kind, payment_id, at, detail) VALUES (?1, 'amount-differs', ?2, ?3, 'odd')",
            params![bytes(random), payment, at],
        )?;
    }
    Ok(())
}

fn bytes(random: &mut Seeded) -> [u8; 16] {
    let mut bytes = [0; 16];
    random.fill(&mut bytes);
    bytes
}
