//! Two chat networks at once, with the same bare codes on both: nothing clashes, and each is asked only what is its own.

use anyhow::Result;
use domain::group::{self, Rating};
use it::{App, TestNet, with_app, with_app_on};
use kernel::clock::BusinessDate;
use kernel::outbox;
use serde_json::json;
use simulators::Partner;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use transport::{Abilities, OutgoingMessage, RobotCommand, RobotTransport};

/// The same robot, person and group codes on both networks, all befriended.
async fn same_codes(app: &App, net: &TestNet) -> Result<()> {
    app.robot("R-1").await?;
    app.robot("testnet:R-1").await?;
    let friend = json!({"robot_id": "R-1", "user_id": "U-1", "nickname": "U-1 of the gateway"});
    app.simulator.event("robot_added", friend).await?;
    net.happens(&["befriended", "R-1", "U-1"]);
    app.drain().await
}

/// How often the gateway was asked for this.
async fn asked_gateway(app: &App, endpoint: &str) -> Result<usize> {
    Ok(app.simulator.received(Partner::Gateway, endpoint).await?.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_lives_on_two_networks_at_once() {
    let net = Arc::new(TestNet::new());
    with_app_on(net.clone(), async |app| {
        same_codes(app, &net).await?;
        let people = "SELECT code, nickname FROM users ORDER BY code";
        assert_eq!(
            app.rows(people).await?,
            ["(U-1,\"U-1 of the gateway\")", "(testnet:U-1,\"U-1 of testnet\")"]
        );
        let robots = "SELECT code, network FROM robots ORDER BY code";
        assert_eq!(app.rows(robots).await?, ["(R-1,gateway)", "(testnet:R-1,testnet)"]);

        // Pulled in at the same moment, bound each by its own network.
        let pull = json!({"group_id": "G-1", "robot_id": "R-1", "user_id": "U-1", "name": "Mums"});
        app.simulator.event("wait_for_bind", pull).await?;
        net.happens(&["pulled", "G-1", "R-1", "U-1", "Dads"]);
        app.drain().await?;
        let stays = "SELECT g.code, g.name, u.code, r.code, g.status FROM groups g JOIN users u ON u.id = g.user_id
                     JOIN robots r ON r.id = g.robot_id ORDER BY g.code";
        assert_eq!(
            app.rows(stays).await?,
            ["(G-1,Mums,U-1,R-1,1)", "(testnet:G-1,Dads,testnet:U-1,testnet:R-1,1)"]
        );
        assert_eq!(net.asked()[1..3], ["bind R-1 G-1", "sync R-1 G-1"], "{:?}", net.asked());
        assert_eq!(asked_gateway(app, "bind_group").await?, 1, "the gateway was asked for its own group only");

        // Talked in, joined: under the same message number and the same codes.
        let said = json!({"group_id": "G-1", "user_id": "U-2", "message_no": "100", "type": 3, "content": "mums"});
        app.simulator.event("group_message", said).await?;
        app.simulator.event("join_group", json!({"group_id": "G-1", "user_id": "U-3"})).await?;
        net.happens(&["said", "G-1", "U-2", "dads"]);
        net.happens(&["joined", "G-1", "U-3"]);
        app.drain().await?;
        let messages = "SELECT g.code, m.user_code, coalesce(m.body->>'content', m.body->>'said')
                        FROM group_messages m JOIN groups g ON g.id = m.group_id ORDER BY g.code";
        assert_eq!(
            app.rows(messages).await?,
            ["(G-1,U-2,mums)", "(testnet:G-1,testnet:U-2,dads)"]
        );
        let counts = "SELECT g.code, c.joined FROM group_day_counts c JOIN groups g ON g.id = c.group_id ORDER BY g.code";
        assert_eq!(app.rows(counts).await?, ["(G-1,1)", "(testnet:G-1,1)"]);

        // Starred: the star system names the groups by their stored codes, and each importer hears it from their robot.
        let told = app.simulator.told("U-1").await?.len();
        let ratings = [("G-1", 2), ("testnet:G-1", 3)].map(|(code, star)| Rating::new(code.parse().unwrap(), 1, star).unwrap());
        group::rate(&app.context, ratings.into()).await?;
        app.drain().await?;
        let stars = "SELECT code, star FROM groups ORDER BY code";
        assert_eq!(app.rows(stars).await?, ["(G-1,2)", "(testnet:G-1,3)"]);
        let gateways = app.simulator.told("U-1").await?.split_off(told);
        assert_eq!(gateways.len(), 1);
        assert!(gateways[0].contains("2星"), "{gateways:?}");
        let asked = net.asked();
        let last = asked.last().unwrap();
        assert!(last.starts_with("tell R-1 U-1") && last.contains("3星"), "{last}");

        // Compared with each network's own list: nobody misses the other's groups.
        let night: BusinessDate = "2026-11-22".parse()?;
        let found = group::reconcile(&app.context, &app.outside.transports, night).await?;
        assert_eq!((found.robots, found.missing, found.unheld_count), (2, 0, 0), "{found:?}");

        // Thrown out on one network: the other's group of the same code goes on.
        net.happens(&["kicked", "G-1", "R-1"]);
        app.drain().await?;
        let ends = "SELECT code, status, cancel_reason FROM groups ORDER BY code";
        assert_eq!(app.rows(ends).await?, ["(G-1,1,)", "(testnet:G-1,3,3)"]);
        assert!(net.asked().contains(&"unbind R-1 G-1 3".to_owned()));
        assert_eq!(asked_gateway(app, "unbind_group").await?, 0);
        app.happens("robot_kicked", json!({"group_id": "G-1", "robot_id": "R-1"})).await?;
        assert_eq!(app.rows(ends).await?, ["(G-1,3,3)", "(testnet:G-1,3,3)"]);
        assert_eq!(asked_gateway(app, "unbind_group").await?, 1);

        let left = "SELECT network, state, outcome FROM inbox_messages WHERE state <> 'done'";
        assert_eq!(app.rows(left).await?, [""; 0]);
        let networks = "SELECT DISTINCT network FROM inbox_messages ORDER BY 1";
        assert_eq!(app.rows(networks).await?, ["(gateway)", "(testnet)"]);
        let undelivered = "SELECT topic, state, last_error FROM outbox WHERE state <> 'delivered'";
        assert_eq!(app.rows(undelivered).await?, [""; 0]);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_on_to_a_network_they_are_not_on() {
    let net = Arc::new(TestNet::new());
    with_app_on(net.clone(), async |app| {
        same_codes(app, &net).await?;
        app.robot("R-2").await?;
        // Their own robot is set aside: the gateway's are no companions for them, however free they are.
        app.execute("UPDATE robots SET status = 2 WHERE code = 'testnet:R-1'")
            .await?;
        net.happens(&["told", "R-1", "U-1", "6"]);
        app.drain().await?;
        let asked = net.asked();
        assert!(asked.last().unwrap().contains("明天"), "{asked:?}");
        let given = "SELECT r.code FROM robot_distributions d JOIN robots r ON r.id = d.robot_id
                     JOIN users u ON u.id = d.user_id WHERE u.code = 'testnet:U-1'";
        assert_eq!(app.rows(given).await?, ["(testnet:R-1)"]);
        // Another one of their network is.
        app.robot("testnet:R-2").await?;
        net.happens(&["told", "R-1", "U-1", "6"]);
        app.drain().await?;
        assert!(
            net.asked().last().unwrap().contains("pet testnet:R-2"),
            "{:?}",
            net.asked()
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_network_cannot_do_is_refused_before_it_is_tried() {
    let abilities = Abilities {
        bind: false,
        ..TestNet::new().abilities()
    };
    let net = Arc::new(TestNet::with(abilities));
    with_app_on(net.clone(), async |app| {
        same_codes(app, &net).await?;
        let before = net.asked().len();
        net.happens(&["pulled", "G-1", "R-1", "U-1", "Dads"]);
        app.drain().await?;
        let bind = "SELECT state, last_error FROM outbox WHERE topic = 'bind_group'";
        assert_eq!(
            app.rows(bind).await?,
            ["(failed,\"the network testnet cannot bind groups\")"]
        );
        // The puller hears what they hear when a network refuses, and nothing is left open.
        let asked = net.asked().split_off(before);
        assert!(asked.iter().all(|line| line.starts_with("tell R-1 U-1")), "{asked:?}");
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert_eq!(app.rows("SELECT * FROM pending_binds").await?, [""; 0]);

        let say = |robot: &str, user: &str, message| {
            RobotCommand::SendPrivateMessage {
                robot_code: robot.parse().unwrap(),
                user_code: user.parse().unwrap(),
                message,
            }
            .into_message()
        };
        let text = || OutgoingMessage::Text { text: "hi".into() };
        let picture = OutgoingMessage::Picture { url: "https://x.example/p".into() };
        let commands = vec![
            say("testnet:R-1", "testnet:U-1", picture)?,
            // Codes of two networks, and a network that nobody leads to any more.
            say("testnet:R-1", "U-1", text())?,
        ];
        let (conn, now) = (app.context.db.autocommit(), app.context.clock.now());
        let told = net.asked().len();
        outbox::push(conn, now, commands).await?;
        app.drain().await?;
        let ends = "SELECT state, last_error FROM outbox WHERE state = 'failed' AND topic = 'send_private_message' ORDER BY 2";
        assert_eq!(
            app.rows(ends).await?,
            [
                "(failed,\"its codes are of different networks\")",
                "(failed,\"the network testnet cannot send a picture\")"
            ]
        );
        assert_eq!(net.asked().len(), told, "it was not asked");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_code_that_reads_like_another_networks_is_a_dead_letter() {
    let net = Arc::new(TestNet::new());
    with_app_on(net.clone(), async |app| {
        same_codes(app, &net).await?;
        net.happens(&["pulled", "G-1", "R-1", "U-1", "Dads"]);
        app.drain().await?;
        for code in ["testnet:G-1", "gateway:G-1"] {
            app.happens(
                "robot_kicked",
                json!({"group_id": code, "robot_id": "testnet:R-1"}),
            )
            .await?;
        }
        app.happens("join_group", json!({"group_id": "other:G-1", "user_id": "U-9"}))
            .await?;
        let dead = "SELECT command, network, state FROM inbox_messages WHERE state <> 'done'";
        assert_eq!(
            app.rows(dead).await?,
            ["(robot_kicked,gateway,dead)", "(robot_kicked,gateway,dead)"]
        );
        assert_eq!(
            app.rows("SELECT status FROM groups").await?,
            ["(1)"],
            "nobody's group was touched"
        );
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_a_network_nobody_leads_to_waits_and_becomes_a_dead_letter() {
    with_app(async |app| {
        app.execute(
            "INSERT INTO inbox_messages (network, message_key, command, lane, body, next_attempt_at, received_at)
             VALUES ('gone', 'gone/1', 'pulled', 'gone/group:1', 'x', '2026-11-21Z', '2026-11-21Z')",
        )
        .await?;
        app.drain().await?;
        let waiting = app.rows("SELECT state, attempts, outcome FROM inbox_messages").await?;
        assert!(waiting[0].starts_with("(pending,1,") && waiting[0].contains("no transport to gone"), "{waiting:?}");
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_running_consumers_listen_to_every_network() {
    let net = Arc::new(TestNet::new());
    with_app_on(net.clone(), async |app| {
        app.robot("R-1").await?;
        app.robot("testnet:R-1").await?;
        let stop = CancellationToken::new();
        let (context, transports) = (app.context.clone(), app.outside.transports.clone());
        let consumers = tokio::spawn(scheduler::consumers::run(context, transports, stop.clone()));
        net.happens(&["befriended", "R-1", "U-1"]);
        app.simulator
            .event("robot_added", json!({"robot_id": "R-1", "user_id": "U-1"}))
            .await?;
        let deadline = Instant::now() + Duration::from_secs(30);
        let count = "SELECT count(*) FROM users";
        while app.scalar::<i64>(count, []).await? != Some(2) {
            assert!(Instant::now() < deadline, "{:?}", app.rows(count).await?);
            sleep(Duration::from_millis(20)).await;
        }
        stop.cancel();
        consumers.await?;
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transport_that_files_what_no_row_holds_harms_nobody_else() {
    let net = Arc::new(TestNet::new());
    with_app_on(net.clone(), async |app| {
        app.robot("testnet:R-1").await?;
        let long = stack::random_hex(4500);
        net.happens(&["pulled", &long, "R-1", "U-1", "Dads"]);
        net.happens(&[&long]);
        net.happens(&["with a\0", "R-1"]);
        net.happens(&["befriended", "R-1", "U-1"]);
        app.drain().await?;
        let dead = "SELECT command, outcome FROM inbox_messages WHERE state = 'dead' ORDER BY id";
        assert_eq!(
            app.rows(dead).await?,
            [
                "(malformed,\"the codes in it are too long\")",
                "(malformed,\"the command is too long\")",
                "(malformed,\"the command is too long\")",
            ]
        );
        assert_eq!(app.rows("SELECT code FROM users").await?, ["(testnet:U-1)"]);
        Ok(())
    })
    .await;
}
