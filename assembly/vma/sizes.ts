// Bytes of records that the memory plan counts; their own files draw them.

/** A munmap call: first page, pages. */
export const MUNMAP_CALL_BYTES: u32 = 16;
/** A callback that is not in the object it frees (callbacks.ts). */
export const CALLBACK_BYTES: u32 = 16;
/** Index nodes in a full sheaf of maple_node_cache, 7.2: it asks for 32 (lib/maple_tree.c). */
export const NODE_SHEAF_CAPACITY: u32 = 32;
/** Such a sheaf: next, count, nodes. */
export const NODE_SHEAF_BYTES: u32 = 8 + NODE_SHEAF_CAPACITY * 4;
