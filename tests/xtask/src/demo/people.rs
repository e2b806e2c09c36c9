//! Who lives in the demo world.

/// A person of the demo world.
pub(super) struct Person {
    pub name: &'static str,
    /// Chat code.
    pub code: &'static str,
    /// Code of the robot they befriend.
    pub robot: &'static str,
    /// Who invited them: place in [`PEOPLE`].
    pub master: Option<usize>,
}

impl Person {
    pub fn union_id(&self) -> String {
        format!("demo-union-{}", self.code)
    }

    pub fn open_id(&self) -> String {
        format!("demo-open-{}", self.code)
    }

    pub fn picture(&self) -> String {
        format!("https://demo.example/{}.png", self.code)
    }
}

/// A group of the demo world.
pub(super) struct Group {
    pub code: &'static str,
    pub name: &'static str,
    /// Who pulled the robot in: place in [`PEOPLE`].
    pub importer: usize,
    pub star: Option<i16>,
    /// Ad revenue of the day, yuan.
    pub ads: &'static str,
}

/// (code, name)
pub(super) const ROBOTS: &[(&str, &str)] = &[
    ("R-XIAOBAO", "小宝"),
    ("R-DUODUO", "多多"),
    ("R-TANGTANG", "糖糖"),
];

const fn person(
    name: &'static str,
    code: &'static str,
    robot: &'static str,
    master: Option<usize>,
) -> Person {
    Person {
        name,
        code,
        robot,
        master,
    }
}

/// Masters before their disciples.
pub(super) const PEOPLE: &[Person] = &[
    person("王芳", "U-WANGFANG", "R-XIAOBAO", None),
    person("李静", "U-LIJING", "R-XIAOBAO", Some(0)),
    person("张敏", "U-ZHANGMIN", "R-DUODUO", Some(1)),
    person("刘洋", "U-LIUYANG", "R-DUODUO", Some(1)),
    person("陈杰", "U-CHENJIE", "R-TANGTANG", Some(0)),
    person("赵磊", "U-ZHAOLEI", "R-TANGTANG", None),
];

const fn group(
    code: &'static str,
    name: &'static str,
    importer: usize,
    star: Option<i16>,
    ads: &'static str,
) -> Group {
    Group {
        code,
        name,
        importer,
        star,
        ads,
    }
}

/// Groups of every star, and one that is not rated yet.
pub(super) const GROUPS: &[Group] = &[
    group("G-MAMA", "宝妈交流群", 0, Some(5), "18.4200"),
    group("G-TUANGOU", "社区团购群", 0, Some(4), "9.3000"),
    group("G-PAOBU", "晨跑打卡群", 0, Some(2), "0.6400"),
    group("G-DUSHU", "亲子读书会", 1, Some(5), "22.1500"),
    group("G-MEISHI", "家常菜分享", 1, Some(3), "3.4800"),
    group("G-YOUXI", "周末桌游群", 2, Some(1), "0.1600"),
    group("G-SHEYING", "摄影爱好者", 2, Some(3), "2.0800"),
    group("G-CHONGWU", "铲屎官联盟", 3, Some(4), "6.7200"),
    group("G-LVXING", "自驾游攻略", 3, None, "0"),
    group("G-JIANSHEN", "健身互助群", 4, Some(2), "1.1200"),
    group("G-ERSHOU", "小区二手群", 5, Some(1), "0.3200"),
    group("G-YINYUE", "民谣角落", 5, Some(3), "1.9200"),
];
