import { useState } from 'react';

/**
 * A still that shows nothing rather than a broken picture while there is none; a new address is tried anew.
 */
export function StillPicture({ src, alt }: { readonly src: string; readonly alt: string }) {
  const [failed, setFailed] = useState<string>();
  return (
    <img
      className={failed === src ? 'picture hidden' : 'picture'}
      alt={alt}
      src={src}
      onError={() => setFailed(src)}
      onLoad={() => setFailed(undefined)}
    />
  );
}
