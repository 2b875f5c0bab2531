import type { SecretPaths, Site, SiteCheck, SiteFault } from '@gatehouse/contracts';
import { secretFaults } from '@gatehouse/contracts';
import { tlsFaults } from '../tls/client-tls.ts';

/**
 * All that sync refuses a site for, beyond what its schema says: secrets and certificates that cannot be had
 * or do not fit.
 */
export function uplinkChecks(siteFile: string, env = process.env): SiteCheck<Site>[] {
  return [
    ({ uplink }) => secretFaults(secretsOf(uplink), siteFile, env),
    ({ uplink }): SiteFault[] => [
      ...(uplink?.tls ? tlsFaults(uplink.tls, ['uplink', 'tls'], siteFile, env) : []),
      ...(uplink?.media?.tls ? tlsFaults(uplink.media.tls, ['uplink', 'media', 'tls'], siteFile, env) : []),
    ],
  ];
}

function secretsOf(uplink: Site['uplink']): SecretPaths {
  const { password, token, signingSecret, media } = uplink ?? {};
  return [
    [['uplink', 'password'], password],
    [['uplink', 'token'], token],
    [['uplink', 'signingSecret'], signingSecret],
    [['uplink', 'media', 'token'], media?.token],
    ...(['ca', 'cert', 'key'] as const).flatMap((name) => [
      [['uplink', 'tls', name], uplink?.tls?.[name]] as const,
      [['uplink', 'media', 'tls', name], media?.tls?.[name]] as const,
    ]),
  ];
}
