#!/bin/sh
# What cargo calls instead of rustc for the packages of this workspace when `cargo xtask fuzz` builds: with counters that
# libFuzzer reads, and with the checked arithmetic and assertions of a debug build. Everything else is used as it was
# built for the tests. All of it is stable; sanitizers, which are not, would find nothing in safe code.
rustc=$1
shift
case " $* " in
*" --crate-name domain "* | *" --crate-name api "*) level=0 ;; # Large, and little of them is fuzzed.
*) level=1 ;;
esac
exec "$rustc" "$@" -Copt-level=$level -Ccodegen-units=16 -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares
