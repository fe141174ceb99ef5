// Prints what libbpf makes of an object before the kernel sees it: maps with their descriptors, and every
// program's instructions after relocation. usage: libbpf_insns OBJECT
#include <stdio.h>
#include <string.h>
#include <bpf/libbpf.h>

static int quiet(enum libbpf_print_level level, const char *format, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, args) : 0;
}

int main(int argc, char **argv)
{
	libbpf_set_print(quiet);
	struct bpf_object *object = bpf_object__open(argv[1]);
	if (!object)
		return 2;
	int loaded = bpf_object__load(object) == 0;
	struct bpf_map *map;
	bpf_object__for_each_map(map, object)
		printf("map %d %u %u %u %u %u %s\n", bpf_map__fd(map), bpf_map__type(map), bpf_map__key_size(map),
		       bpf_map__value_size(map), bpf_map__max_entries(map), bpf_map__map_flags(map), bpf_map__name(map));
	struct bpf_program *prog;
	bpf_object__for_each_program(prog, object) {
		const unsigned char *bytes = (const unsigned char *)bpf_program__insns(prog);
		printf("prog %u %s ", bpf_program__type(prog), bpf_program__name(prog));
		for (size_t i = 0; i < bpf_program__insn_cnt(prog) * 8; i++)
			printf("%02x", bytes[i]);
		printf("\n");
	}
	return loaded ? 0 : 1;
}
