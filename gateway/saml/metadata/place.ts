// Where metadata may come from.

/** Whether it is a file, or an address whose answer nobody on the way can change: https, or http on this machine. */
export function isMetadataPlace(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return !text.includes('\0');
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && /^(127\.[\d.]+|\[::1\]|localhost)$/.test(url.hostname))
  );
}

/** Whether metadata is fetched, and not a file. */
export const isMetadataUrl = (place: string): boolean => /^https?:\/\//i.test(place);
