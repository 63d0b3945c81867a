/* People who come and go: KEEP connections at a time, each of which stays until it has heard something, then leaves and
 * makes room for the next.
 *
 *   storm HOST PORT KEEP SECONDS      prints {"joins": N, "seconds": S}
 */
#include "common.h"

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: storm HOST PORT KEEP SECONDS\n");
		return 2;
	}
	int port = atoi(argv[2]), keep = atoi(argv[3]);
	double seconds = atof(argv[4]);
	int *guests = allocate((size_t)keep * sizeof *guests);
	for (int i = 0; i < keep; i++)
		guests[i] = connect_to(argv[1], port);
	long joins = 0;
	double begin = now(), end = begin;
	while (end - begin < seconds) {
		int *oldest = &guests[joins % keep];
		char heard[4096];
		if (recv(*oldest, heard, sizeof heard, 0) <= 0)
			die("a guest heard nothing");
		close(*oldest);
		*oldest = connect_to(argv[1], port);
		joins++;
		end = now();
	}
	printf("{\"joins\": %ld, \"seconds\": %.6f}\n", joins, end - begin);
	return 0;
}
