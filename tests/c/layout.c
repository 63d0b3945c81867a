/* Prints the size of every transparent structure, and where each field lies. layout.txt is its output; the Rust side
 * compares its own structures with the same file. No structure has a hole: every byte belongs to a field. */

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "rustchat.h"

static const char *structure;
static size_t end;

static void begin(const char *name, size_t size)
{
    structure = name;
    end = 0;
    printf("%s %zu\n", name, size);
}

static void field(const char *name, size_t offset, size_t size)
{
    if (offset != end) {
        fprintf(stderr, "%s.%s is at %zu, expected %zu: a hole, or a field that is missing here\n", structure, name,
                offset, end);
        exit(1);
    }
    end = offset + size;
    printf("%s.%s %zu %zu\n", structure, name, offset, size);
}


#define BEGIN(type) begin(#type, sizeof(type))
#define FIELD(type, name) field(#name, offsetof(type, name), sizeof(((type *)NULL)->name))
/* The end is the field behind the last one. */
#define END(type) field("end", sizeof(type), 0)

int main(void)
{
#include "layout_fields.h"
    return 0;
}
