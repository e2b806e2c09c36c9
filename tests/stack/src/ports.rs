//! Free TCP ports that nothing takes while their server is down.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Result, bail};

/// Finds `count` different free TCP ports on loopback, `preferred` ones first where they are still free
/// (0 stands for no preference).
///
/// The ports lie below the range from which the kernel takes the local ports of outgoing connections. A client that
/// knocks at a server while it is down could otherwise be given that server's port and block its restart.
///
/// # Errors
/// When the machine has no free ports left.
pub fn free_ports(count: usize, preferred: &[u16]) -> Result<Vec<u16>> {
    let mut held: Vec<TcpListener> = Vec::new();
    let mut ports = Vec::new();
    for slot in 0..count {
        let listener = match preferred
            .get(slot)
            .filter(|&&port| port >= 1024)
            .and_then(|&port| listen(port))
        {
            Some(listener) => listener,
            None => any_free()?,
        };
        ports.push(listener.local_addr()?.port());
        held.push(listener);
    }
    Ok(ports)
}

fn listen(port: u16) -> Option<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()
}

fn any_free() -> Result<TcpListener> {
    let end = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|range| range.split_whitespace().next()?.parse::<u16>().ok())
        .filter(|&start| start > 12_000)
        .unwrap_or(32_768);
    for _ in 0..1_000 {
        if let Some(listener) = listen(rand::random_range(10_000..end)) {
            return Ok(listener);
        }
    }
    bail!("no free port on 127.0.0.1 between 10000 and {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preferred_port_is_kept_and_a_taken_one_replaced() {
        let first = free_ports(2, &[]).unwrap();
        assert_ne!(first[0], first[1]);
        assert_eq!(free_ports(2, &first).unwrap(), first);
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first[0])).unwrap();
        let second = free_ports(2, &first).unwrap();
        assert_ne!(second[0], first[0]);
        assert_eq!(second[1], first[1]);
        drop(taken);
    }
}
