/* Exceptions: what throws, and the tag that names the function which goes on then. */
#pragma once

#include "bpf.h"

#define CATCH(function) __attribute__((btf_decl_tag("exception_callback:" #function)))

extern void bpf_throw(__u64 cookie) KSYM;
