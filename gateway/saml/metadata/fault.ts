// What can be wrong with metadata.

/** What is wrong with a metadata document, in words for the person who configures it: a sentence that goes on from the document's name. */
export class IdpMetadataFault extends Error {}
