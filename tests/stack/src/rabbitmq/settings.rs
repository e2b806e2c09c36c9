//! What a RabbitMQ node reads at start: configuration files and environment, all below its own folder.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::endpoints::RabbitMqEndpoint;
use crate::files::write_private;
use crate::provision::Servers;
use crate::state::Ports;

/// Writes the node's configuration. The user is made when the node first starts with empty data.
pub(super) fn write(home: &Path, endpoint: &RabbitMqEndpoint, ports: &Ports) -> Result<()> {
    let settings = format!(
        "listeners.tcp.default = 127.0.0.1:{}\n\
         management.tcp.ip = 127.0.0.1\n\
         management.tcp.port = {}\n\
         default_user = {}\n\
         default_pass = {}\n\
         disk_free_limit.absolute = 50MB\n\
         vm_memory_high_watermark.absolute = 1GB\n\
         raft.wal_max_size_bytes = 67108864\n\
         log.console = false\n",
        ports.rabbitmq, ports.rabbitmq_management, endpoint.user, endpoint.password
    );
    write_private(&home.join("rabbitmq.conf"), &settings)?;
    let plugins = home.join("enabled_plugins");
    fs::write(&plugins, "[rabbitmq_management].\n")
        .with_context(|| format!("cannot write {}", plugins.display()))
}

/// Where the start scripts find their tools.
pub(super) fn search_path(servers: &Servers) -> String {
    format!("{}:/usr/local/bin:/usr/bin:/bin", servers.erlang_bin.display())
}

/// The node's whole environment. Nothing of the caller's is inherited, because dozens of variables steer RabbitMQ.
pub(super) fn environment(home: &Path, ports: &Ports) -> Vec<(&'static str, OsString)> {
    let below = |name: &str| home.join(name).into_os_string();
    vec![
        // The Erlang cookie is in the home folder.
        ("HOME", home.into()),
        ("LANG", "C.UTF-8".into()),
        ("RABBITMQ_NODENAME", "gpet@localhost".into()),
        (
            "RABBITMQ_DIST_PORT",
            ports.rabbitmq_distribution.to_string().into(),
        ),
        ("RABBITMQ_CONFIG_FILE", below("rabbitmq.conf")),
        ("RABBITMQ_CONF_ENV_FILE", below("none")),
        ("RABBITMQ_ADVANCED_CONFIG_FILE", below("none.config")),
        ("RABBITMQ_ENABLED_PLUGINS_FILE", below("enabled_plugins")),
        ("RABBITMQ_MNESIA_BASE", below("data")),
        ("RABBITMQ_LOG_BASE", below("log")),
        ("RABBITMQ_PID_FILE", below("pid")),
        ("RABBITMQ_GENERATED_CONFIG_DIR", below("generated")),
        ("ERL_CRASH_DUMP", below("crash.dump")),
        ("ERL_EPMD_PORT", ports.epmd.to_string().into()),
        ("ERL_EPMD_ADDRESS", "127.0.0.1".into()),
        // The start script then becomes the node instead of waiting for it, so that signals reach the node itself.
        ("RUNNING_UNDER_SYSTEMD", "true".into()),
        // Two schedulers that sleep instead of spinning: the node shares its cores with everything else.
        (
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
            "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -start_epmd false \
             -kernel inet_dist_use_interface {127,0,0,1}"
                .into(),
        ),
    ]
}
