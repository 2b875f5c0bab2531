import {
  BarChartOutlined,
  EyeOutlined,
  LockOutlined,
  NodeIndexOutlined,
  TeamOutlined,
  VideoCameraOutlined,
} from '@ant-design/icons';
import type { Role } from '@gatehouse/contracts';
import {
  type ConsolePage,
  consolePages,
  mayOpen,
  type PageName,
  pageNames,
} from '@gatehouse/contracts/console';
import type { ComponentType, ReactNode } from 'react';
import { AnalyticsPage } from './analytics.tsx';
import { CamerasPage } from './cameras.tsx';
import { DoorsPage } from './doors.tsx';
import { FlowsPage } from './flows.tsx';
import type { PageProps } from './page-props.ts';
import { UsersPage } from './users.tsx';
import { WatchPage } from './watch.tsx';

interface Look {
  readonly icon: ReactNode;
  readonly Page: ComponentType<PageProps>;
}

/** Icon and component of every page of `consolePages`; the compiler finds a missing one. */
const looks: { readonly [Name in PageName]: Look } = {
  watch: { icon: <EyeOutlined />, Page: WatchPage },
  doors: { icon: <LockOutlined />, Page: DoorsPage },
  cameras: { icon: <VideoCameraOutlined />, Page: CamerasPage },
  analytics: { icon: <BarChartOutlined />, Page: AnalyticsPage },
  users: { icon: <TeamOutlined />, Page: UsersPage },
  flows: { icon: <NodeIndexOutlined />, Page: FlowsPage },
};

export type OpenPage = ConsolePage & Look & { readonly name: PageName };

export const homePage = pageOf('watch');

/** Pages that a role may open, in the order of the menu. */
export function pagesOf(role: Role): readonly OpenPage[] {
  return pageNames.filter((name) => mayOpen(role, name)).map(pageOf);
}

/** The page at a path; the home page where there is none that this role may open. */
export function pageAt(path: string, role: Role): OpenPage {
  // The server answers a path with a slash at its end as it does the path without.
  const plain = path.replace(/(?<=.)\/$/, '');
  return pagesOf(role).find((page) => page.path === plain) ?? homePage;
}

function pageOf(name: PageName): OpenPage {
  return { name, ...consolePages[name], ...looks[name] };
}
