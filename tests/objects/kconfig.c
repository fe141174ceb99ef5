// Values of the kernel's configuration and version, present and missing, in every type.
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

extern int LINUX_KERNEL_VERSION __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig __weak;
extern enum libbpf_tristate CONFIG_NET_SCH_MISSING __kconfig __weak;
extern char CONFIG_MISSING_CHAR __kconfig __weak;
extern unsigned long CONFIG_MISSING_LONG __kconfig __weak;
extern char CONFIG_MISSING_TEXT[12] __kconfig __weak;
extern const void missing_symbol __ksym __weak;

SEC("socket")
int version(struct __sk_buff *skb)
{
	if (&missing_symbol)
		return -1;
	if (LINUX_KERNEL_VERSION >= 0x060000 && CONFIG_BPF_SYSCALL)
		return 60 + CONFIG_NET_SCH_MISSING;
	return CONFIG_MISSING_CHAR + CONFIG_MISSING_LONG + CONFIG_MISSING_TEXT[3];
}

char LICENSE[] SEC("license") = "GPL";
