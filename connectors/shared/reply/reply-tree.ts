import type { Document } from '@xmldom/xmldom';

export type ReplyFormat = 'xml' | 'json';
/** A reply as a tree; nothing in it has been believed yet. */
export type ReplyTree = { readonly kind: 'xml'; readonly document: Document } | { readonly kind: 'json'; readonly value: unknown };
export type ParsedReply = { readonly kind: 'tree'; readonly tree: ReplyTree } | { readonly kind: 'unreadable'; readonly why: string };

/** @returns the texts a path finds, trimmed, in the order of the document; none when it finds nothing. Never throws. */
export type ReplyPath = (tree: ReplyTree) => readonly string[];
